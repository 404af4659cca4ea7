// purpose: which of a few events are not in the log
// params: keys
// returns: key
UNWIND $keys AS key
OPTIONAL MATCH (e:Event {key: key})
WITH key, e WHERE e IS NULL
RETURN key
