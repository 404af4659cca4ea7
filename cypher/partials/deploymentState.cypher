// the state of the deployment `n`: model/states.ts in Cypher
coalesce(reduce(latest = [-1, null], word IN [[n.removedAt, 'REMOVED'], [n.rolledBackAt, 'ROLLED_BACK'], [n.failedAt, 'FAILED'],
[n.completedAt, 'COMPLETED'],
[n.phaseAt, CASE WHEN toUpper(n.phase) IN ['QUEUED', 'WAITING', 'RUNNING'] THEN toUpper(n.phase) ELSE 'UNKNOWN' END]]
| CASE WHEN word[0] > latest[0] THEN word ELSE latest END)[1],
CASE WHEN n.createdAt IS NOT NULL THEN 'CREATED' END)
