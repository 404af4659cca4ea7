// purpose: what was said of advisories in VEX statements, as known at a moment
// params: refs, valid, known
// returns: rows = lists of up to 1000 [advisory, effective time, identity, body]
UNWIND $refs AS ref
MATCH (e:Event {subjectRef: ref})
WHERE e.n > 0 AND e.n <= $known AND e.at <= $valid AND e.type = 'vulnerability.triaged'
WITH collect([ref, e.at, e.key, e.body]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
