// purpose: every Package node, for the state digest
// params: -
// returns: properties
MATCH (n:Package) RETURN properties(n) AS properties
