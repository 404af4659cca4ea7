// purpose: {{what}} workflows, {{how}}
// variants: timedPage
// params: state, namePrefix, stuck, since, until, resolved, {{place}}limit
// returns: {{returns}}
MATCH (n:Workflow)
WHERE {{behind}}
  AND ($state IS NULL OR $state = CASE
    WHEN n.outcome IS NOT NULL THEN toUpper(n.outcome)
    WHEN n.startedAt IS NOT NULL THEN 'RUNNING'
    WHEN n.createdAt IS NOT NULL THEN 'CREATED' END)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($stuck IS NULL OR (n.outcome IS NULL AND coalesce(n.startedAt, n.createdAt) IS NOT NULL) = $stuck)
  AND ($since IS NULL OR coalesce(n.startedAt, n.createdAt, n.finishedAt) >= $since)
  AND ($until IS NULL OR coalesce(n.startedAt, n.createdAt, n.finishedAt) < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n{{if timed}}, coalesce(n.startedAt, n.createdAt, n.finishedAt, {{never}}) AS at{{end}}
{{if timed}}
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $position)
WITH n, at
{{end}}
{{slice}}
