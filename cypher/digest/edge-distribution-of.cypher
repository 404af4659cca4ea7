// purpose: every claim of DISTRIBUTION_OF, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:DISTRIBUTION_OF]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
