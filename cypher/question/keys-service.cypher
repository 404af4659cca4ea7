// purpose: services, to say which there are
// params: limit
// returns: key
MATCH (x:Service) RETURN x.key AS key ORDER BY key LIMIT $limit
