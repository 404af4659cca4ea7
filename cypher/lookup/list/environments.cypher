// purpose: {{what}} environments, {{how}}
// variants: page
// params: namePrefix, scope, {{place}}limit
// returns: {{returns}}
MATCH (n:Environment)
WHERE {{behind}}
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($scope IS NULL OR n.scope = $scope)
WITH DISTINCT n
{{slice}}
