// purpose: one step of the downstream closure of each root, over edges that hold, over edges of the given types only
// params: roots, limit, full, valid, known, minTrust, now, types
// returns: rows = lists of up to 1000 [internal id, label, key, 1, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a) WHERE id(a) = root
CALL (a) {
  MATCH (a)<-[r:DEPLOYS|GENERATED_BY|MAY_BE_GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|HAS_DIGEST|DISTRIBUTION_OF|PARENT|DEPENDS_ON|DESCENDS_FROM|VERSION_OF|RAN_ON|PART_OF|TARGETS|REPLACES|ATTESTS|DESCRIBES|SIGNED_BY|AFFECTS|CONCERNS|IN_REPOSITORY]-(x)
  WHERE type(r) IN $types AND CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END AND (startNode(r).endValid IS NULL OR none(e IN range(0, size(startNode(r).endValid) - 1) WHERE startNode(r).endKnown[e] <= $known AND startNode(r).endValid[e] <= $valid AND startNode(r).endValid[e] >= r.validFrom))
  WITH DISTINCT x
  LIMIT $limit
  RETURN x
}
WITH collect([id(x), labels(x)[0], x.key, 1, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
