// purpose: the events that submitted documents, by the sha256 of the document
// params: refs
// returns: key, body, acceptedAt
UNWIND $refs AS ref
MATCH (e:Event {subjectRef: ref})
WHERE e.n > 0 AND e.type = 'document.submitted'
RETURN e.key AS key, e.body AS body, e.acceptedAt AS acceptedAt
