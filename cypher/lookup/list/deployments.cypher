// purpose: {{what}} deployments, {{how}}
// variants: timedPage
// params: state, states, namePrefix, since, until, resolved, {{place}}limit
// returns: {{returns}}
MATCH (n:Deployment)
WHERE {{behind}}
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
