// purpose: packages of the given names, whatever namespace they have; types has, by name, the types that are meant, where not any is
// params: names, types
// returns: id, label, properties
MATCH (p:Package)
WHERE p.name IN $names AND ($types[p.name] IS NULL OR p.purlType IN $types[p.name])
RETURN DISTINCT id(p) AS id, 'Package' AS label, properties(p) AS properties
LIMIT 10001
