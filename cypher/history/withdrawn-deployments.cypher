// purpose: every event of those deployments (null = of all) of which something that was said is withdrawn: of few, or of none
// params: keys
// returns: rows = lists of up to 1000 [deployment, type, log number, accepted at, body, its withdrawals as [valid, known]]
CALL () {
  UNWIND $keys AS key
  MATCH (e:Event) USING INDEX e:Event(subjectRef, n) WHERE e.subjectRef = 'Deployment:' + key AND e.n > 0
  MATCH (w:Withdrawal) USING INDEX w:Withdrawal(key) WHERE w.key = e.key AND w.endBy IS NOT NULL
  RETURN e.subjectRef AS ref
UNION
  MATCH (w:Withdrawal {ofEvent: true}) WHERE $keys IS NULL
  MATCH (e:Event) USING INDEX e:Event(key) WHERE e.key = w.key AND e.type STARTS WITH 'deployment.'
  RETURN e.subjectRef AS ref
}
MATCH (e:Event {subjectRef: ref}) WHERE e.n > 0
OPTIONAL MATCH (w:Withdrawal {key: e.key})
WITH collect([substring(ref, size('Deployment:')), e.type, e.n, e.acceptedAt, e.body,
  [at IN range(0, size(coalesce(w.endValid, [])) - 1) | [w.endValid[at], w.endKnown[at]]]]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
