// purpose: every claim of MAY_BE_GENERATED_BY, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:MAY_BE_GENERATED_BY]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
