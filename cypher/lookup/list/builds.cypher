// purpose: {{what}} builds, {{how}}
// variants: timedPage
// params: state, namePrefix, since, until, resolved, {{place}}limit
// returns: {{returns}}
MATCH (n:Build)
WHERE {{behind}}
  AND ($state IS NULL OR {{buildState}} = $state)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($since IS NULL OR coalesce(n.startedAt, n.queuedAt, n.finishedAt) >= $since)
  AND ($until IS NULL OR coalesce(n.startedAt, n.queuedAt, n.finishedAt) < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n{{if timed}}, coalesce(n.startedAt, n.queuedAt, n.finishedAt, {{never}}) AS at{{end}}
{{if timed}}
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $position)
WITH n, at
{{end}}
{{slice}}
