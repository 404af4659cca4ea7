// purpose: how large the graph is, to choose how much of it is compared at once
// params: -
// returns: nodes, edges
MATCH (n) WITH count(n) AS nodes
MATCH ()-[e]->()
RETURN nodes, count(e) AS edges
