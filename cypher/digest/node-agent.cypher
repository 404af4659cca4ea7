// purpose: every Agent node, for the state digest
// params: -
// returns: properties
MATCH (n:Agent) RETURN properties(n) AS properties
