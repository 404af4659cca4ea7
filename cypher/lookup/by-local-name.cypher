// purpose: environments and services of a name in any scope, deployments, builds, workflows and steps of an id from any source
// params: name, id, limit
// returns: id, label, properties
CALL () {
  MATCH (n:Environment) WHERE n.key ENDS WITH $name RETURN n, 0 AS rank LIMIT $limit
  UNION ALL
  MATCH (n:Service) WHERE n.key ENDS WITH $name RETURN n, 1 AS rank LIMIT $limit
  UNION ALL
  MATCH (n:Deployment) WHERE n.key ENDS WITH $id RETURN n, 2 AS rank LIMIT $limit
  UNION ALL
  MATCH (n:Build) WHERE n.key ENDS WITH $id RETURN n, 3 AS rank LIMIT $limit
  UNION ALL
  MATCH (n:Workflow) WHERE n.key ENDS WITH $id RETURN n, 4 AS rank LIMIT $limit
  UNION ALL
  MATCH (n:Step) WHERE n.key ENDS WITH $id RETURN n, 5 AS rank LIMIT $limit
}
RETURN id(n) AS id, labels(n)[0] AS label, properties(n) AS properties
ORDER BY rank, n.key
LIMIT $limit
