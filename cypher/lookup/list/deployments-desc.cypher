// purpose: a page of deployments, by key, backwards
// params: state, namePrefix, since, until, resolved, position, limit
// returns: id, label, properties
MATCH (n:Deployment)
WHERE n.key < $position
  AND ($state IS NULL OR coalesce(reduce(latest = [-1, null], word IN [[n.removedAt, 'REMOVED'], [n.rolledBackAt, 'ROLLED_BACK'], [n.failedAt, 'FAILED'], [n.completedAt, 'COMPLETED'], [n.phaseAt, CASE WHEN toUpper(n.phase) IN ['QUEUED', 'WAITING', 'RUNNING'] THEN toUpper(n.phase) ELSE 'UNKNOWN' END]] | CASE WHEN word[0] > latest[0] THEN word ELSE latest END)[1], CASE WHEN n.createdAt IS NOT NULL THEN 'CREATED' END) = $state)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($since IS NULL OR n.createdAt >= $since)
  AND ($until IS NULL OR n.createdAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key DESC LIMIT $limit
RETURN id(n) AS id, 'Deployment' AS label, properties(n) AS properties
ORDER BY n.key DESC
