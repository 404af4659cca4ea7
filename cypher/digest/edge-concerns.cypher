// purpose: every claim of CONCERNS, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:CONCERNS]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
