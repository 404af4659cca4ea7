// purpose: what is one edge away from a node, and who claims those edges
// params: id, reach
// returns: refs = `Label:key` of the neighbours, claims = their identities, edges = how many were looked at
MATCH (a) WHERE id(a) = $id
CALL (a) {
  MATCH (a)-[r]-(b)
  RETURN r.claim AS claim, labels(b)[0] + ':' + b.key AS ref
  LIMIT $reach
}
RETURN collect(DISTINCT ref) AS refs, collect(DISTINCT claim) AS claims, count(*) AS edges
