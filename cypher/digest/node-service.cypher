// purpose: every Service node, for the state digest
// params: -
// returns: properties
MATCH (n:Service) RETURN properties(n) AS properties
