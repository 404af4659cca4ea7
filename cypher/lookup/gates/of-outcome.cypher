// variants: order
// purpose: the correlation keys for which a gate has this outcome, in their order{{backwards}}
// params: gate, outcome, position, limit
// returns: gate, on, outcome, since, inputs
MATCH (s:GateState) USING INDEX s:GateState(gate, outcome, on)
WHERE s.gate = $gate AND s.outcome = $outcome AND s.on {{comparison}} $position
RETURN s.gate AS gate, s.on AS on, s.outcome AS outcome, s.since AS since, s.inputs AS inputs ORDER BY s.on{{descending}} LIMIT $limit
