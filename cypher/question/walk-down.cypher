// purpose: everything that the given nodes lead to, downstream, over edges of these types that held at a moment
// params: ids, types, limit, valid, known
// returns: rows = lists of up to 1000 internal ids
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
CALL (a) {
  MATCH p = (a)<-[rs:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT*1..100000]-(x)
  WHERE all(r IN rs WHERE type(r) IN $types
    AND {{held}})
  WITH x, min(length(p)) AS depth
  LIMIT $limit
  RETURN x
}
WITH collect(DISTINCT id(x)) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
