// the state of the build `n`: model/states.ts in Cypher
CASE WHEN n.outcome IS NOT NULL AND NOT coalesce(n.startedAt > n.finishedAt, false) AND NOT coalesce(n.queuedAt > n.finishedAt, false)
THEN CASE WHEN toUpper(n.outcome) IN ['SUCCESS', 'FAILURE', 'CANCELLED', 'ERROR'] THEN toUpper(n.outcome) ELSE 'UNKNOWN' END
WHEN n.startedAt IS NULL THEN CASE WHEN n.queuedAt IS NOT NULL THEN 'QUEUED' END
WHEN n.queuedAt > n.finishedAt AND n.queuedAt > n.startedAt THEN 'QUEUED' ELSE 'RUNNING' END
