// purpose: how many nodes of each label and claims of each edge type there are
// params: -
// returns: nodes, edges
MATCH (n) WITH labels(n)[0] AS label, count(*) AS number
WITH collect([label, number]) AS nodes
OPTIONAL MATCH ()-[e]->()
WITH nodes, type(e) AS type, count(e) AS number
RETURN nodes, collect([type, number]) AS edges
