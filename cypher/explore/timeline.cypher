// purpose: a page of the events about a thing under each of its names, about others, and of some identities, by effective time{{backwards}}; of each thing the newest
// variants: order
// params: selves, most, refs, perThing, keys, at, n, limit, body
// returns: event (body null unless $body), full = some thing has more than were looked at
CALL () {
  UNWIND $selves AS ref
  CALL (ref) {
    MATCH (e:Event) USING INDEX e:Event(subjectRef, n) WHERE e.subjectRef = ref AND e.n >= 0 // the index is on both
    WITH e ORDER BY e.n DESC LIMIT $most
    RETURN collect(e) AS events
  }
  RETURN events, size(events) = $most AS isFull
  UNION ALL
  UNWIND $refs AS ref
  CALL (ref) {
    MATCH (e:Event) USING INDEX e:Event(subjectRef, n) WHERE e.subjectRef = ref AND e.n >= 0
    WITH e ORDER BY e.n DESC LIMIT $perThing
    RETURN collect(e) AS events
  }
  RETURN events, size(events) = $perThing AS isFull
  UNION ALL
  MATCH (e:Event) WHERE e.key IN $keys
  RETURN collect(e) AS events, false AS isFull
}
WITH collect(events) AS groups, collect(isFull) AS fulls
WITH groups, any(isFull IN fulls WHERE isFull) AS full
UNWIND groups AS events
UNWIND events AS e
WITH DISTINCT e, full
WHERE e.at {{comparison}} $at OR (e.at = $at AND e.n {{comparison}} $n)
WITH e, full ORDER BY e.at{{descending}}, e.n{{descending}} LIMIT $limit
RETURN e {.key, .eventId, .source, .type, .subject, .subjectRef, .time, .at, .acceptedAt, .n, .sha256, .contentHash,
  .correlationId, .causationId, .workflowId, .outcome, .clockSkew, body: CASE WHEN $body THEN e.body END} AS event, full
ORDER BY e.at{{descending}}, e.n{{descending}}
