// purpose: what producers have said of types of their own: registrations and deprecations, oldest first
// params: -
// returns: n, acceptedAt, source, body
MATCH (e:Event) USING INDEX e:Event(type, n)
WHERE e.type IN ['type.registered', 'type.deprecated'] AND e.n > 0
RETURN e.n AS n, e.acceptedAt AS acceptedAt, e.source AS source, e.body AS body ORDER BY n LIMIT 20000
