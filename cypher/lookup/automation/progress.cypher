// purpose: how far gates and watches have looked at the log
// params: keys
// returns: key, n
UNWIND $keys AS key
MATCH (g:AutomationProgress {key: key})
RETURN g.key AS key, g.n AS n
