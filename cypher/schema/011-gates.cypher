// purpose: what gates know of each correlation key: by gate and key, by key, and by outcome
// params: -
// returns: -
CREATE CONSTRAINT gateprogress_key IF NOT EXISTS FOR (n:GateProgress) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT gatestate_key IF NOT EXISTS FOR (n:GateState) REQUIRE n.key IS UNIQUE;
CREATE INDEX gatestate_gate IF NOT EXISTS FOR (n:GateState) ON (n.gate, n.on);
CREATE INDEX gatestate_outcome IF NOT EXISTS FOR (n:GateState) ON (n.gate, n.outcome, n.on);
CREATE INDEX gatestate_on IF NOT EXISTS FOR (n:GateState) ON (n.on, n.gate);
