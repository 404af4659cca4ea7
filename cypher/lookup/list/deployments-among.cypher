// purpose: {{what}} the deployments with the given keys, to an environment and of a service (either may be left out), {{how}}
// variants: timedPage
// params: keys, environments, services, state, states, namePrefix, since, until, resolved, {{place}}limit
// returns: {{returns}}
UNWIND $keys AS key
MATCH (n:Deployment {key: key})
WHERE {{behind}}
  AND ($environments IS NULL OR EXISTS {
    MATCH (n)-[r:TARGETS]->(e:Environment)
    WHERE {{holdsNow}}
      AND (e.key IN $environments OR e.name IN $environments)
  })
  AND ($services IS NULL OR EXISTS {
    MATCH (n)-[r:TARGETS]->(s:Service)
    WHERE {{holdsNow}}
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
