// purpose: every claim of HAS_DIGEST, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:HAS_DIGEST]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
