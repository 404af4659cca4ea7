// purpose: a page of environments, by key
// params: namePrefix, scope, position, limit
// returns: id, label, properties
MATCH (n:Environment)
WHERE n.key > $position
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($scope IS NULL OR n.scope = $scope)
WITH DISTINCT n ORDER BY n.key LIMIT $limit
RETURN id(n) AS id, 'Environment' AS label, properties(n) AS properties
ORDER BY n.key
