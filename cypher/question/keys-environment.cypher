// purpose: environments, to say which there are
// params: limit
// returns: key
MATCH (e:Environment) RETURN e.key AS key ORDER BY key LIMIT $limit
