// purpose: the archived dead letters of a group in a stretch of the log, in its order
// params: prefix, group, after, until, limit
// returns: n, id
MATCH (l:DeadLetter) USING INDEX l:DeadLetter(n) WHERE l.n > $after AND l.n <= $until AND l.key STARTS WITH $prefix AND l.group = $group
RETURN l.n AS n, l.id AS id ORDER BY n LIMIT $limit
