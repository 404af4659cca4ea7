// purpose: relationships of types that nothing here writes
// params: types, limit
// returns: type, from, to
MATCH (a)-[e]->(b) WHERE NOT type(e) IN $types
RETURN type(e) AS type, labels(a)[0] + ':' + toStringOrNull(a.key) AS from, labels(b)[0] + ':' + toStringOrNull(b.key) AS to
LIMIT $limit
