// purpose: every claim of BUILT_FROM, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:BUILT_FROM]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
