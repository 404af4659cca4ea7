// purpose: every claim of IN_REPOSITORY, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:IN_REPOSITORY]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
