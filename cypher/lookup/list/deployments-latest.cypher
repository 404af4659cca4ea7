// purpose: a page of the deployments to an environment and of a service (either may be left out, not both), by when they were
//   created, else by when they ended, {{first}} first
// variants: order
// params: environment, service, at, key, limit
// returns: id, label, properties, at = the time it is sorted by, ms; 0 where none is known
CALL () {
  MATCH (target:Environment)
  WHERE $environment IS NOT NULL AND (target.key = $environment OR target.key ENDS WITH '/' + $environment)
  MATCH (target)<-[edge:TARGETS]-(n:Deployment)
  WHERE {{holdsNow of edge}}
    AND ($service IS NULL OR EXISTS {
      MATCH (n)-[own:TARGETS]->(s:Service)
      WHERE {{holdsNow of own}}
        AND (s.key = $service OR s.key ENDS WITH '/' + $service)
    })
  RETURN n
  UNION
  MATCH (target:Service)
  WHERE $environment IS NULL AND (target.key = $service OR target.key ENDS WITH '/' + $service)
  MATCH (target)<-[edge:TARGETS]-(n:Deployment)
  WHERE {{holdsNow of edge}}
  RETURN n
}
WITH n, coalesce(n.createdAt, n.completedAt, n.failedAt, n.rolledBackAt, n.removedAt, 0) AS at
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $key)
WITH n, at ORDER BY at{{descending}}, n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Deployment' AS label, properties(n) AS properties, at
ORDER BY at{{descending}}, n.key{{descending}}
