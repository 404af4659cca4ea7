// purpose: the whole log, for the state digest
// params: -
// returns: properties
MATCH (n:Event) RETURN properties(n) AS properties
