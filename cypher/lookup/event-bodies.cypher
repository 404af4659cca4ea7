// purpose: the bytes of events of the log
// params: keys
// returns: key, body
UNWIND $keys AS key
MATCH (e:Event {key: key})
RETURN e.key AS key, e.body AS body
