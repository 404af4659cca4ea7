// purpose: the newest event about a thing, of some types
// params: ref, types
// returns: key, eventId, source, acceptedAt; no row where there is none
MATCH (e:Event) WHERE e.subjectRef = $ref AND e.n > 0 AND e.type IN $types
RETURN e.key AS key, e.eventId AS eventId, e.source AS source, e.acceptedAt AS acceptedAt
ORDER BY e.n DESC
LIMIT 1
