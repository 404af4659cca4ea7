// purpose: how many nodes the upstream closure of a root has, by label and depth, at most 1000 edges deep, through the history of commits
// params: root, limit, maxDepth, valid, known, minTrust, now
// returns: label, depth, count, tags (internal ids of those that can be tags)
MATCH (a) WHERE id(a) = $root
CALL (a) {
  MATCH p = (a)-[rs:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT*1..1000]->(x)
  WHERE all(r IN rs WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END)
  WITH x, min(length(p)) AS depth
  LIMIT $limit
  RETURN x, depth
}
WITH a, x, depth WHERE depth <= $maxDepth AND x <> a
WITH x, labels(x)[0] AS label, depth
RETURN label, depth, count(*) AS count, collect(CASE label WHEN 'Resource' THEN id(x) END) AS tags
