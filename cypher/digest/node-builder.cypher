// purpose: every Builder node, for the state digest
// params: -
// returns: properties
MATCH (n:Builder) RETURN properties(n) AS properties
