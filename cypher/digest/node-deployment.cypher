// purpose: every Deployment node, for the state digest
// params: -
// returns: properties
MATCH (n:Deployment) RETURN properties(n) AS properties
