// purpose: packages of one name, of the given types or (null) of any, whatever namespace they have; names are lists of [name, types]
// params: names
// returns: id, label, properties
UNWIND $names AS named
MATCH (p:Package {name: named[0]})
WHERE named[1] IS NULL OR p.purlType IN named[1]
RETURN DISTINCT id(p) AS id, 'Package' AS label, properties(p) AS properties
LIMIT 10001
