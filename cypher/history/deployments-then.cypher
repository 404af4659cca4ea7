// purpose: every event of the deployments to some environments (by key, or by name in any scope; null = to any) that are not now what they
//   were at a moment: something was told of them later, or is withdrawn
// params: environments, types, valid, known, most
// returns: rows = lists of up to 1000 [deployment, type, log number, accepted at, body, its withdrawals as [valid, known]]
CALL () {
  UNWIND $types AS type
  MATCH (e:Event) WHERE e.type = type AND e.n > $known
  RETURN e.subjectRef AS ref
UNION
  UNWIND $types AS type
  MATCH (e:Event) WHERE e.type = type AND e.at > $valid
  RETURN e.subjectRef AS ref
UNION
  MATCH (w:Withdrawal {ofEvent: true})
  MATCH (e:Event) USING INDEX e:Event(key) WHERE e.key = w.key AND e.type STARTS WITH 'deployment.'
  RETURN e.subjectRef AS ref
}
MATCH (d:Deployment) WHERE d.key = substring(ref, size('Deployment:')) AND ($environments IS NULL OR EXISTS {
  MATCH (d)-[:TARGETS]->(target:Environment)
  WHERE (target.key IN $environments OR target.name IN $environments)
})
WITH ref LIMIT $most
MATCH (e:Event {subjectRef: ref}) WHERE e.n > 0
OPTIONAL MATCH (w:Withdrawal {key: e.key})
WITH collect([substring(ref, size('Deployment:')), e.type, e.n, e.acceptedAt, e.body,
  [at IN range(0, size(coalesce(w.endValid, [])) - 1) | [w.endValid[at], w.endKnown[at]]]]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
