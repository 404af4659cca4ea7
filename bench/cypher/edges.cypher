// purpose: how many edges a graph has
// params: -
// returns: edges
MATCH ()-[e]->() RETURN count(e) AS edges
