// purpose: a page of the deployments to an environment and of a service (either may be left out, not both), by when they were
//   created, else by when they ended, {{first}} first
// variants: order
// params: environments, services, at, key, limit
// returns: id, label, properties, at = the time it is sorted by, ms; 0 where none is known
CALL () {
  UNWIND $environments AS asked
  MATCH (target:Environment) WHERE target.key = asked OR (target.key ENDS WITH '/' + asked AND target.name = asked)
  MATCH (target)<-[edge:TARGETS]-(n:Deployment)
  WHERE {{holdsNow of edge}}
    AND ($services IS NULL OR EXISTS {
      MATCH (n)-[own:TARGETS]->(s:Service)
      WHERE {{holdsNow of own}}
        AND (s.key IN $services OR s.name IN $services)
    })
  RETURN n
  UNION
  UNWIND CASE WHEN $environments IS NULL THEN $services ELSE [] END AS asked
  MATCH (target:Service) WHERE target.key = asked OR (target.key ENDS WITH '/' + asked AND target.name = asked)
  MATCH (target)<-[edge:TARGETS]-(n:Deployment)
  WHERE {{holdsNow of edge}}
  RETURN n
}
WITH n, coalesce(n.createdAt, n.completedAt, n.failedAt, n.rolledBackAt, n.removedAt, 0) AS at
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $key)
WITH n, at ORDER BY at{{descending}}, n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Deployment' AS label, properties(n) AS properties, at
ORDER BY at{{descending}}, n.key{{descending}}
