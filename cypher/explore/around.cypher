// purpose: what is one edge away from a node, and who claims those edges; what names a package says so of its version
// params: id, reach
// returns: refs = `Label:key` of the neighbours, claims = their identities, edges = how many were looked at, at most twice `reach`
MATCH (a) WHERE id(a) = $id
CALL (a) {
  MATCH (a)-[r]-(b)
  RETURN r.claim AS claim, labels(b)[0] + ':' + b.key AS ref
  LIMIT $reach
  UNION ALL
  MATCH (a:Package)<-[:VERSION_OF]-()-[r]-()
  RETURN r.claim AS claim, null AS ref
  LIMIT $reach
}
RETURN collect(DISTINCT ref) AS refs, collect(DISTINCT claim) AS claims, count(*) AS edges
