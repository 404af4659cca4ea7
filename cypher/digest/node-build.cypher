// purpose: every Build node, for the state digest
// params: -
// returns: properties
MATCH (n:Build) RETURN properties(n) AS properties
