// purpose: packages whose package URL goes on after that of a Go module
// params: prefixes
// returns: id, label, properties
UNWIND $prefixes AS prefix
MATCH (p:Package)
WHERE p.key STARTS WITH prefix
RETURN DISTINCT id(p) AS id, 'Package' AS label, properties(p) AS properties
LIMIT 10001
