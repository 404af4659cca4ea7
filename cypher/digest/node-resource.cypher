// purpose: every Resource node, for the state digest
// params: -
// returns: properties
MATCH (n:Resource) RETURN properties(n) AS properties
