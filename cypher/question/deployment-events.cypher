// purpose: what is known of the lives of deployments at a log number
// params: refs, known
// returns: rows = lists of up to 1000 [subject, type, effective time, identity, body (null where the type says all), since when it
//   is withdrawn (null: it stands)]
UNWIND $refs AS ref
MATCH (e:Event {subjectRef: ref})
WHERE e.n > 0 AND e.n <= $known
  AND e.type IN ['deployment.created', 'deployment.progressed', 'deployment.completed', 'deployment.failed', 'deployment.removed',
    'deployment.rolledback']
CALL (e) {
  MATCH (w:Withdrawal {key: e.key})
  UNWIND range(0, size(w.endValid) - 1) AS i
  WITH w, i WHERE w.endKnown[i] <= $known
  RETURN min(w.endValid[i]) AS withdrawn
}
WITH collect([ref, e.type, e.at, e.key, CASE WHEN e.type IN ['deployment.created', 'deployment.rolledback'] THEN e.body END,
  withdrawn]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
