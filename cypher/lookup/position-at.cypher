// purpose: the log number of the event that was accepted last by a time: of several that came with it, the greatest
// params: time
// returns: n (null where nothing had been accepted)
MATCH (e:Event) WHERE e.acceptedAt <= $time
WITH e.acceptedAt AS last ORDER BY last DESC LIMIT 1
MATCH (same:Event) WHERE same.acceptedAt = last
RETURN max(same.n) AS n
