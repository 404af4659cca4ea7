// purpose: the first position at or after a time of acceptance
// params: time
// returns: n (null where nothing was accepted since)
MATCH (e:Event) WHERE e.acceptedAt >= $time
RETURN min(e.n) AS n
