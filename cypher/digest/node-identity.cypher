// purpose: every Identity node, for the state digest
// params: -
// returns: properties
MATCH (n:Identity) RETURN properties(n) AS properties
