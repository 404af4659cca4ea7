// purpose: every Document node, for the state digest
// params: -
// returns: properties
MATCH (n:Document) RETURN properties(n) AS properties
