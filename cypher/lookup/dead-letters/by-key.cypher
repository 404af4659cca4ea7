// purpose: archived dead letters
// params: keys
// returns: properties
UNWIND $keys AS key
MATCH (l:DeadLetter {key: key})
RETURN properties(l) AS properties
