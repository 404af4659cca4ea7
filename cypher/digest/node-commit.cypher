// purpose: every Commit node, for the state digest
// params: -
// returns: properties
MATCH (n:Commit) RETURN properties(n) AS properties
