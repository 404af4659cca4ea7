// purpose: events of the log with everything that it keeps of them
// params: keys
// returns: properties
UNWIND $keys AS key
MATCH (e:Event {key: key})
RETURN properties(e) AS properties
ORDER BY e.n, e.key
