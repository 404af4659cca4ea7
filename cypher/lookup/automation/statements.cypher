// purpose: what was said of gates, or of watches: definitions, and whether they are enabled, oldest first
// params: types
// returns: n, acceptedAt, source, body
MATCH (e:Event) USING INDEX e:Event(type, n)
WHERE e.type IN $types AND e.n > 0
RETURN e.n AS n, e.acceptedAt AS acceptedAt, e.source AS source, e.body AS body ORDER BY n LIMIT 20000
