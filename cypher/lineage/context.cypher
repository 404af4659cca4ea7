// purpose: what the context edges of a node lead to, in either direction: the first step of a question that starts there
// params: roots, limit, full
// returns: rows = lists of up to 1000 [internal id, label, key, 1, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a) WHERE id(a) = root
CALL (a) {
  MATCH (a)-[r:VERSION_OF|RAN_ON|PART_OF|TARGETS|ATTESTS|DESCRIBES|SIGNED_BY|AFFECTS|IN_REPOSITORY]-(x)
  WHERE r.validFrom IS NOT NULL AND r.endValid IS NULL
    AND none(e IN coalesce(startNode(r).endValid, []) WHERE e >= r.validFrom)
  WITH DISTINCT x
  LIMIT $limit
  RETURN x
}
WITH collect([id(x), labels(x)[0], x.key, 1, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
