// purpose: every Step node, for the state digest
// params: -
// returns: properties
MATCH (n:Step) RETURN properties(n) AS properties
