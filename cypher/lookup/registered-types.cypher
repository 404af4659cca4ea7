// purpose: the types that producers have registered, oldest first
// params: -
// returns: body
MATCH (e:Event {type: 'type.registered'})
WHERE e.n > 0
RETURN e.body AS body ORDER BY e.n LIMIT 10000
