// purpose: what the log holds of documents that travel in parts, without the bytes of the parts
// params: refs
// returns: ref, type, n, at, acceptedAt, source, key, partDigest, body (null of a part)
UNWIND $refs AS ref
MATCH (e:Event {subjectRef: ref})
WHERE e.n > 0 AND e.type IN ['document.part', 'document.submitted']
RETURN ref, e.type AS type, e.n AS n, e.at AS at, e.acceptedAt AS acceptedAt, e.source AS source, e.key AS key,
  e.partDigest AS partDigest, CASE e.type WHEN 'document.submitted' THEN e.body END AS body
ORDER BY e.n
