// purpose: what gates know of some correlation keys
// params: keys
// returns: gate, on, outcome, since, inputs
UNWIND $keys AS key
MATCH (s:GateState {key: key})
RETURN s.gate AS gate, s.on AS on, s.outcome AS outcome, s.since AS since, s.inputs AS inputs
