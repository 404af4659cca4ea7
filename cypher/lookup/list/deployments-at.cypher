// purpose: {{what}} deployments to an environment and of a service (either may be left out), {{how}}
// variants: timedPage
// params: environments, services, state, states, namePrefix, since, until, resolved, {{place}}limit
// returns: {{returns}}
CALL () {
  UNWIND $environments AS asked
  MATCH (target:Environment) WHERE target.key = asked OR (target.key ENDS WITH '/' + asked AND target.name = asked)
  RETURN target
  UNION
  UNWIND CASE WHEN $environments IS NULL THEN $services ELSE [] END AS asked
  MATCH (target:Service) WHERE target.key = asked OR (target.key ENDS WITH '/' + asked AND target.name = asked)
  RETURN target
}
MATCH (target)<-[r:TARGETS]-(n:Deployment)
WHERE {{behind}}
  AND {{holdsNow}}
  AND ($environments IS NULL OR $services IS NULL OR EXISTS {
    MATCH (n)-[served:TARGETS]->(s:Service)
    WHERE {{holdsNow of served}}
      AND (s.key IN $services OR s.name IN $services)
  })
  AND ($state IS NULL OR coalesce($states[n.key], {{deploymentState}}) = $state)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($since IS NULL OR n.createdAt >= $since)
  AND ($until IS NULL OR n.createdAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n{{if timed}}, coalesce(n.createdAt, n.completedAt, n.failedAt, n.rolledBackAt, n.removedAt, {{never}}) AS at{{end}}
{{if timed}}
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $position)
WITH n, at
{{end}}
{{slice}}
