// purpose: a page of environments, by key{{backwards}}
// variants: order
// params: namePrefix, scope, position, limit
// returns: id, label, properties
MATCH (n:Environment)
WHERE n.key {{comparison}} $position
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($scope IS NULL OR n.scope = $scope)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Environment' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
