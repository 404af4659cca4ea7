// purpose: the package after a key, to find the types of packages without reading them all
// params: after
// returns: key; no row where it is the last
MATCH (p:Package) WHERE p.key > $after
RETURN p.key AS key ORDER BY key LIMIT 1
