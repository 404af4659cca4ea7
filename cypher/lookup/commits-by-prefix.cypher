// purpose: commits whose object id begins with a prefix
// params: prefix, limit
// returns: id, label, properties
MATCH (n:Commit) WHERE n.key STARTS WITH $prefix
RETURN id(n) AS id, 'Commit' AS label, properties(n) AS properties
LIMIT $limit
