// purpose: which of these events are in the log
// params: keys
// returns: key, n, contentHash
UNWIND $keys AS key
MATCH (e:Event {key: key})
RETURN e.key AS key, e.n AS n, e.contentHash AS contentHash
