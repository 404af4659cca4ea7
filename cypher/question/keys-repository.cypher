// purpose: repositories, to say which there are
// params: limit
// returns: key
MATCH (x:Repository) RETURN x.key AS key ORDER BY key LIMIT $limit
