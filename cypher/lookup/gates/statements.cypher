// purpose: what was said of gates: definitions, and whether they are enabled, oldest first
// params: -
// returns: n, acceptedAt, source, body
MATCH (e:Event) USING INDEX e:Event(type, n)
WHERE e.type IN ['gate.defined', 'gate.enabled', 'gate.disabled'] AND e.n > 0
RETURN e.n AS n, e.acceptedAt AS acceptedAt, e.source AS source, e.body AS body ORDER BY n LIMIT 20000
