// purpose: how many nodes the downstream closure of a root has, by label and depth, at most 100000 edges deep, over edges of the given types only
// params: root, limit, maxDepth, valid, known, minTrust, now, types
// returns: label, depth, count, tags (internal ids of those that can be tags)
MATCH (a) WHERE id(a) = $root
CALL (a) {
  MATCH p = (a)<-[rs:DEPLOYS|GENERATED_BY|MAY_BE_GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|HAS_DIGEST|DISTRIBUTION_OF|PARENT|DEPENDS_ON|DESCENDS_FROM|VERSION_OF|RAN_ON|PART_OF|TARGETS|REPLACES|ATTESTS|DESCRIBES|SIGNED_BY|AFFECTS|CONCERNS|IN_REPOSITORY*1..100000]-(x)
  WHERE all(r IN rs WHERE type(r) IN $types AND CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END AND (startNode(r).endValid IS NULL OR none(e IN range(0, size(startNode(r).endValid) - 1) WHERE startNode(r).endKnown[e] <= $known AND startNode(r).endValid[e] <= $valid AND startNode(r).endValid[e] >= r.validFrom)))
  WITH x, min(length(p)) AS depth
  LIMIT $limit
  RETURN x, depth
}
WITH a, x, depth WHERE depth <= $maxDepth AND x <> a
WITH x, labels(x)[0] AS label, depth
RETURN label, depth, count(*) AS count, collect(CASE label WHEN 'Resource' THEN id(x) END) AS tags
