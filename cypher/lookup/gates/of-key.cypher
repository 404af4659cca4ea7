// purpose: what all gates know of a correlation key, by gate
// params: on, limit
// returns: gate, on, outcome, since, inputs
MATCH (s:GateState) USING INDEX s:GateState(on, gate) WHERE s.on = $on AND s.gate > ''
RETURN s.gate AS gate, s.on AS on, s.outcome AS outcome, s.since AS since, s.inputs AS inputs ORDER BY s.gate LIMIT $limit
