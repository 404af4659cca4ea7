// purpose: which log numbers have become dead letters that are archived
// params: prefix, positions
// returns: n, id
UNWIND $positions AS n
MATCH (l:DeadLetter {n: n}) WHERE l.key STARTS WITH $prefix
RETURN n, l.id AS id ORDER BY l.key
