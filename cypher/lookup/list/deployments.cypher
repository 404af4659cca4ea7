// purpose: a page of deployments, by key{{backwards}}
// variants: order
// params: state, states, namePrefix, since, until, resolved, position, limit
// returns: id, label, properties
MATCH (n:Deployment)
WHERE n.key {{comparison}} $position
  AND ($state IS NULL OR coalesce($states[n.key], {{deploymentState}}) = $state)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($since IS NULL OR n.createdAt >= $since)
  AND ($until IS NULL OR n.createdAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Deployment' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
