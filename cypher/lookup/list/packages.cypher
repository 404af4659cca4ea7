// purpose: a page of packages, by key{{backwards}}
// variants: order
// params: purlType, namespace, namePrefix, position, limit
// returns: id, label, properties
MATCH (n:Package)
WHERE n.key {{comparison}} $position
  AND ($purlType IS NULL OR n.purlType = $purlType)
  AND ($namespace IS NULL OR n.namespace = $namespace)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Package' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
