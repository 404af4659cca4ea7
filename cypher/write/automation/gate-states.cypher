// purpose: what gates know of correlation keys now
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (s:GateState {key: row.key})
SET s.gate = row.gate, s.on = row.on, s.outcome = row.outcome, s.since = row.since, s.inputs = row.inputs
