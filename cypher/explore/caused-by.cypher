// purpose: the events that name others as their cause
// params: causes, limit
// returns: cause = the name of the cause as they give it, event (without body)
UNWIND $causes AS cause
MATCH (e:Event) WHERE e.causationId = cause
WITH cause, e LIMIT $limit
RETURN cause, e {.key, .eventId, .source, .type, .subject, .subjectRef, .time, .at, .acceptedAt, .n, .sha256, .contentHash,
  .correlationId, .causationId, .workflowId, .outcome, .clockSkew, body: null} AS event
ORDER BY e.n
