// purpose: upstream closure of each root over edges that hold, nearest first, at most 3 edges deep, over edges of the given types only
// params: roots, limit, maxDepth, full, valid, known, minTrust, types
// returns: rows = lists of up to 1000 [internal id, label, key, depth, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a) WHERE id(a) = root
CALL (a) {
  MATCH p = (a)-[rs:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT|DEPENDS_ON|VERSION_OF|RAN_ON|PART_OF|TARGETS|REPLACES|ATTESTS|DESCRIBES|SIGNED_BY|AFFECTS|IN_REPOSITORY*1..3]->(x)
  WHERE all(r IN rs WHERE type(r) IN $types AND r.knownFrom <= $known AND r.validFrom <= $valid AND coalesce(r.trust, 1) >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) AND (startNode(r).endValid IS NULL OR none(e IN range(0, size(startNode(r).endValid) - 1) WHERE startNode(r).endKnown[e] <= $known AND startNode(r).endValid[e] <= $valid AND startNode(r).endValid[e] >= r.validFrom)))
  WITH x, min(length(p)) AS depth
  LIMIT $limit
  RETURN x, depth
}
WITH x, depth WHERE depth <= $maxDepth
WITH collect([id(x), labels(x)[0], x.key, depth, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
