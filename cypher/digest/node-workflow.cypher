// purpose: every Workflow node, for the state digest
// params: -
// returns: properties
MATCH (n:Workflow) RETURN properties(n) AS properties
