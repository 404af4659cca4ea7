// purpose: what is one edge away from some nodes, and who claims those edges; what names a package says so of its version
// params: ids, reach
// returns: refs = `Label:key` of the neighbours, claims = their identities, edges = how many were looked at of the node that has most
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
CALL (a) {
  MATCH (a)-[r]-(b)
  WITH r.claim AS claim, labels(b)[0] + ':' + b.key AS ref
  LIMIT $reach
  RETURN collect(ref) AS refs, collect(claim) AS claims
  UNION ALL
  MATCH (a:Package)<-[:VERSION_OF]-()-[r]-()
  WITH r.claim AS claim
  LIMIT $reach
  RETURN [] AS refs, collect(claim) AS claims
}
WITH collect(refs) AS refs, collect(claims) AS claims, max(size(claims)) AS edges
RETURN reduce(all = [], some IN refs | all + some) AS refs, reduce(all = [], some IN claims | all + some) AS claims, edges
