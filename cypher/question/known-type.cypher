// purpose: whether the log has an event of a type
// params: type
// returns: type; no row where it has none
MATCH (e:Event) WHERE e.type = $type AND e.n >= 0
RETURN e.type AS type
LIMIT 1
