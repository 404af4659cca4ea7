// purpose: every claim of RAN_ON, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:RAN_ON]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
