// purpose: a page of builds made from commits of a repository, by key, backwards
// params: repository, state, namePrefix, since, until, resolved, position, limit
// returns: id, label, properties
MATCH (:Repository {key: $repository})<-[edge:IN_REPOSITORY]-(:Commit)<-[made:BUILT_FROM]-(n:Build)
WHERE n.key < $position
  AND edge.validFrom IS NOT NULL AND edge.endValid IS NULL
  AND made.validFrom IS NOT NULL AND made.endValid IS NULL
  AND ($state IS NULL OR CASE WHEN n.outcome IS NOT NULL AND NOT coalesce(n.startedAt > n.finishedAt, false) AND NOT coalesce(n.queuedAt > n.finishedAt, false) THEN CASE WHEN toUpper(n.outcome) IN ['SUCCESS', 'FAILURE', 'CANCELLED', 'ERROR'] THEN toUpper(n.outcome) ELSE 'UNKNOWN' END WHEN n.startedAt IS NULL THEN CASE WHEN n.queuedAt IS NOT NULL THEN 'QUEUED' END WHEN n.queuedAt > n.finishedAt AND n.queuedAt > n.startedAt THEN 'QUEUED' ELSE 'RUNNING' END = $state)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($since IS NULL OR coalesce(n.startedAt, n.queuedAt, n.finishedAt) >= $since)
  AND ($until IS NULL OR coalesce(n.startedAt, n.queuedAt, n.finishedAt) < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key DESC LIMIT $limit
RETURN id(n) AS id, 'Build' AS label, properties(n) AS properties
ORDER BY n.key DESC
