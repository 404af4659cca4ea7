// purpose: a page of the deployments to an environment and of a service (either may be left out, or both), by when they were
//   created, else by when they ended, {{first}} first
// variants: order
// params: environment, service, at, key, limit
// returns: id, label, properties, at = the time it is sorted by, ms; 0 where none is known
CALL () {
  MATCH (target:Environment)
  WHERE $environment IS NOT NULL AND (target.key = $environment OR target.key ENDS WITH '/' + $environment)
  MATCH (target)<-[edge:TARGETS]-(n:Deployment)
  WHERE edge.validFrom IS NOT NULL AND edge.endValid IS NULL
    AND ($service IS NULL OR EXISTS {
      MATCH (n)-[of:TARGETS]->(s:Service)
      WHERE of.validFrom IS NOT NULL AND of.endValid IS NULL
        AND (s.key = $service OR s.key ENDS WITH '/' + $service)
    })
  RETURN n
  UNION
  MATCH (target:Service)
  WHERE $environment IS NULL AND (target.key = $service OR target.key ENDS WITH '/' + $service)
  MATCH (target)<-[edge:TARGETS]-(n:Deployment)
  WHERE edge.validFrom IS NOT NULL AND edge.endValid IS NULL
  RETURN n
  UNION
  WITH 1 AS one WHERE $environment IS NULL AND $service IS NULL
  MATCH (n:Deployment)
  RETURN n
}
WITH n, coalesce(n.createdAt, n.completedAt, n.failedAt, n.rolledBackAt, n.removedAt, 0) AS at
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $key)
WITH n, at ORDER BY at{{descending}}, n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Deployment' AS label, properties(n) AS properties, at
ORDER BY at{{descending}}, n.key{{descending}}
