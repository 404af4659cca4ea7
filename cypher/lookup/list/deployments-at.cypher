// purpose: a page of deployments to an environment and of a service (either may be left out), by key{{backwards}}
// variants: order
// params: environment, service, state, states, namePrefix, since, until, resolved, position, limit
// returns: id, label, properties
CALL () {
  MATCH (target:Environment)
  WHERE $environment IS NOT NULL AND (target.key = $environment OR target.key ENDS WITH '/' + $environment)
  RETURN target
  UNION
  MATCH (target:Service)
  WHERE $environment IS NULL AND (target.key = $service OR target.key ENDS WITH '/' + $service)
  RETURN target
}
MATCH (target)<-[r:TARGETS]-(n:Deployment)
WHERE n.key {{comparison}} $position
  AND {{holdsNow}}
  AND ($environment IS NULL OR $service IS NULL OR EXISTS {
    MATCH (n)-[served:TARGETS]->(s:Service)
    WHERE {{holdsNow of served}}
      AND (s.key = $service OR s.key ENDS WITH '/' + $service)
  })
  AND ($state IS NULL OR coalesce($states[n.key], {{deploymentState}}) = $state)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($since IS NULL OR n.createdAt >= $since)
  AND ($until IS NULL OR n.createdAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Deployment' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
