// purpose: whether downstream lineage goes on from any of the deepest nodes to one that is not known
// params: ids, seen, valid, known, minTrust, now
// returns: beyond, true; no row where it ends here
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
CALL (a) {
  MATCH (a)<-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS]-(b)
  WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END
  WITH id(b) AS far // asked of what the step led to: a young graph would be scanned for all that are not seen
  WHERE NOT far IN $seen
  RETURN true AS beyond
  LIMIT 1
}
RETURN beyond
LIMIT 1
