// purpose: every Environment node, for the state digest
// params: -
// returns: properties
MATCH (n:Environment) RETURN properties(n) AS properties
