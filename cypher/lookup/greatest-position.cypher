// purpose: the greatest log number in the log
// params: -
// returns: n (null in an empty log)
MATCH (e:Event) WHERE e.n > 0
RETURN e.n AS n ORDER BY e.n DESC LIMIT 1
