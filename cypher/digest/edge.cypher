// purpose: every claim of {{type}}, for the state digest
// variants: type
// params: -
// returns: from, to, properties
MATCH (a)-[e:{{type}}]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
