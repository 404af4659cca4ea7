// variants: order
// purpose: what a gate knows of its correlation keys, in their order{{backwards}}
// params: gate, position, limit
// returns: gate, on, outcome, since, inputs
MATCH (s:GateState) USING INDEX s:GateState(gate, on) WHERE s.gate = $gate AND s.on {{comparison}} $position
RETURN s.gate AS gate, s.on AS on, s.outcome AS outcome, s.since AS since, s.inputs AS inputs ORDER BY s.on{{descending}} LIMIT $limit
