// purpose: everything that the log holds of documents that travel in parts
// params: refs
// returns: ref, type, n, at, acceptedAt, source, key, body
UNWIND $refs AS ref
MATCH (e:Event {subjectRef: ref})
WHERE e.n > 0 AND e.type IN ['document.part', 'document.submitted']
RETURN ref, e.type AS type, e.n AS n, e.at AS at, e.acceptedAt AS acceptedAt, e.source AS source, e.key AS key, e.body AS body
ORDER BY e.n
