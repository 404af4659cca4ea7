// purpose: {{what}} builds made from commits of repositories, {{how}}
// variants: timedPage
// params: repositories, state, namePrefix, since, until, resolved, {{place}}limit
// returns: {{returns}}
MATCH (home:Repository) WHERE home.key IN $repositories
MATCH (home)<-[r:IN_REPOSITORY]-(:Commit)<-[made:BUILT_FROM]-(n:Build)
WHERE {{behind}}
  AND {{holdsNow}}
  AND {{holdsNow of made}}
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
