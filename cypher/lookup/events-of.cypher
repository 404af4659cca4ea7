// purpose: a page of the events about each of several things, {{first}} first
// variants: order
// params: refs, position, limit, body
// returns: ref, event (body null unless $body)
UNWIND $refs AS ref
CALL (ref) {
  MATCH (e:Event) WHERE e.subjectRef = ref AND e.n {{comparison}} $position
  WITH e ORDER BY e.n{{descending}} LIMIT $limit
  RETURN e
}
RETURN ref, e {.key, .eventId, .source, .type, .subject, .subjectRef, .time, .at, .acceptedAt, .n, .sha256, .contentHash,
  .correlationId, .causationId, .workflowId, .outcome, .clockSkew, body: CASE WHEN $body THEN e.body END} AS event
ORDER BY e.n{{descending}}
