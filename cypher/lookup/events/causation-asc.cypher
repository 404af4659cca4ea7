// purpose: a page of the log, found by causationId, oldest first
// params: source, type, subjectRef, subject, correlationId, causationId, workflowId, outcome, since, until, position, limit, body
// returns: event (body null unless $body)
MATCH (e:Event)
USING INDEX SEEK e:Event(causationId)
WHERE e.causationId = $causationId AND e.n > $position
  AND ($type IS NULL OR e.type = $type)
  AND ($source IS NULL OR e.source = $source)
  AND ($subjectRef IS NULL OR e.subjectRef = $subjectRef)
  AND ($subject IS NULL OR e.subject = $subject)
  AND ($correlationId IS NULL OR e.correlationId = $correlationId)
  AND ($causationId IS NULL OR e.causationId = $causationId)
  AND ($workflowId IS NULL OR e.workflowId = $workflowId)
  AND ($outcome IS NULL OR e.outcome = $outcome)
  AND ($since IS NULL OR e.at >= $since)
  AND ($until IS NULL OR e.at < $until)
WITH e ORDER BY e.n LIMIT $limit
RETURN e {.key, .eventId, .source, .type, .subject, .subjectRef, .time, .at, .acceptedAt, .n, .sha256, .contentHash,
  .correlationId, .causationId, .workflowId, .outcome, .clockSkew, body: CASE WHEN $body THEN e.body END} AS event
ORDER BY e.n
