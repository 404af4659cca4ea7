// purpose: what the context edges of a node lead to, in either direction: the first step of a question that starts there
// params: roots, limit, full, types, valid, known, minTrust, now
// returns: rows = lists of up to 1000 [internal id, label, key, 1, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a) WHERE id(a) = root
CALL (a) {
  MATCH (a)-[r:MAY_BE_GENERATED_BY|HAS_DIGEST|DISTRIBUTION_OF|DESCENDS_FROM|VERSION_OF|RAN_ON|PART_OF|TARGETS|ATTESTS|DESCRIBES|SIGNED_BY|AFFECTS|IN_REPOSITORY]-(x)
  WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END
    AND ($types IS NULL OR type(r) IN $types)
    AND (startNode(r).endValid IS NULL OR none(e IN range(0, size(startNode(r).endValid) - 1) WHERE startNode(r).endKnown[e] <= $known AND startNode(r).endValid[e] <= $valid AND startNode(r).endValid[e] >= r.validFrom))
  WITH DISTINCT x
  LIMIT $limit
  RETURN x
}
WITH collect([id(x), labels(x)[0], x.key, 1, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
