// purpose: scopes of environments, to say which there are
// params: limit
// returns: scope
MATCH (e:Environment) WHERE e.scope IS NOT NULL
RETURN DISTINCT e.scope AS scope ORDER BY scope LIMIT $limit
