// purpose: the environments with the given keys or names
// params: names
// returns: key, name
MATCH (e:Environment) WHERE e.key IN $names OR e.name IN $names
RETURN e.key AS key, e.name AS name
