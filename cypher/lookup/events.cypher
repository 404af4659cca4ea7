// purpose: a page of the log{{if property}}, found by {{property}}{{end}}, {{first}} first
// variants: eventIndex, order
// params: source, type, subjectRef, subject, correlationId, causationId, workflowId, outcome, since, until, position, limit, body
// returns: event (body null unless $body)
MATCH (e:Event)
{{if property}}
USING INDEX SEEK e:Event({{seek}})
{{end}}
WHERE {{if property}}e.{{property}} = ${{property}} AND {{end}}e.n {{comparison}} $position
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
WITH e ORDER BY e.n{{descending}} LIMIT $limit
RETURN e {.key, .eventId, .source, .type, .subject, .subjectRef, .time, .at, .acceptedAt, .n, .sha256, .contentHash,
  .correlationId, .causationId, .workflowId, .outcome, .clockSkew, body: CASE WHEN $body THEN e.body END} AS event
ORDER BY e.n{{descending}}
