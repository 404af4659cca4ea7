// purpose: archived dead letters in the order of their keys: they are in no log, so that a rebuild copies them
// params: after, limit
// returns: properties
MATCH (l:DeadLetter) WHERE l.key > $after
WITH l ORDER BY l.key LIMIT $limit
RETURN properties(l) AS properties ORDER BY l.key
