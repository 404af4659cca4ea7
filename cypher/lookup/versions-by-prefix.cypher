// purpose: package versions whose package URL begins with one of some prefixes
// params: prefixes, limit
// returns: id, label, properties
UNWIND $prefixes AS prefix
MATCH (n:PackageVersion) WHERE n.key STARTS WITH prefix
WITH DISTINCT n LIMIT $limit
RETURN id(n) AS id, 'PackageVersion' AS label, properties(n) AS properties
ORDER BY n.key
