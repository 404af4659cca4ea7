// purpose: packages of one name and type, whatever distribution or vendor they name
// params: pairs
// returns: id, label, properties
UNWIND $pairs AS pair
MATCH (p:Package {name: pair[1]})
WHERE p.purlType = pair[0]
RETURN DISTINCT id(p) AS id, 'Package' AS label, properties(p) AS properties
LIMIT 10001
