// purpose: the smallest log number in the log
// params: -
// returns: n (no row in an empty log)
MATCH (e:Event) WHERE e.n > 0
RETURN e.n AS n ORDER BY n LIMIT 1
