// purpose: the repositories with the given keys
// params: names
// returns: key, name
MATCH (r:Repository) WHERE r.key IN $names
RETURN r.key AS key, r.key AS name
