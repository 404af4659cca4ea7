// purpose: how far gates and watches have looked, and what gates know of each correlation key: by gate and key, by key, and by outcome
// params: -
// returns: -
CREATE CONSTRAINT automationprogress_key IF NOT EXISTS FOR (n:AutomationProgress) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT gatestate_key IF NOT EXISTS FOR (n:GateState) REQUIRE n.key IS UNIQUE;
CREATE INDEX gatestate_gate IF NOT EXISTS FOR (n:GateState) ON (n.gate, n.on);
CREATE INDEX gatestate_outcome IF NOT EXISTS FOR (n:GateState) ON (n.gate, n.outcome, n.on);
CREATE INDEX gatestate_on IF NOT EXISTS FOR (n:GateState) ON (n.on, n.gate);
