// purpose: the services with the given keys or names
// params: names
// returns: key, name
MATCH (s:Service) WHERE s.key IN $names OR s.name IN $names
RETURN s.key AS key, s.name AS name
