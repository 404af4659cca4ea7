// purpose: which log numbers have become dead letters of a group that are archived
// params: prefix, group, positions
// returns: n, id
UNWIND $positions AS n
MATCH (l:DeadLetter {n: n}) WHERE l.key STARTS WITH $prefix AND l.group = $group
RETURN n, l.id AS id ORDER BY l.key
