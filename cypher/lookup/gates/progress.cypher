// purpose: how far gates have looked at the log
// params: keys
// returns: key, n
UNWIND $keys AS key
MATCH (g:GateProgress {key: key})
RETURN g.key AS key, g.n AS n
