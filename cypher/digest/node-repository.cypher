// purpose: every Repository node, for the state digest
// params: -
// returns: properties
MATCH (n:Repository) RETURN properties(n) AS properties
