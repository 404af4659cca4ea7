// purpose: every Artifact node, for the state digest
// params: -
// returns: properties
MATCH (n:Artifact) RETURN properties(n) AS properties
