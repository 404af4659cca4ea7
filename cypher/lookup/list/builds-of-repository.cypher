// purpose: a page of builds made from commits of repositories, by key{{backwards}}
// variants: order
// params: repositories, state, namePrefix, since, until, resolved, position, limit
// returns: id, label, properties
MATCH (home:Repository) WHERE home.key IN $repositories
MATCH (home)<-[r:IN_REPOSITORY]-(:Commit)<-[made:BUILT_FROM]-(n:Build)
WHERE n.key {{comparison}} $position
  AND {{holdsNow}}
  AND {{holdsNow of made}}
  AND ($state IS NULL OR {{buildState}} = $state)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($since IS NULL OR coalesce(n.startedAt, n.queuedAt, n.finishedAt) >= $since)
  AND ($until IS NULL OR coalesce(n.startedAt, n.queuedAt, n.finishedAt) < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Build' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
