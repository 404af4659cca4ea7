// purpose: events by identity
// params: keys
// returns: event
MATCH (e:Event) WHERE e.key IN $keys
RETURN e {.key, .eventId, .source, .type, .subject, .subjectRef, .time, .at, .acceptedAt, .n, .sha256, .contentHash,
  .correlationId, .causationId, .workflowId, .outcome, .clockSkew, .body} AS event
