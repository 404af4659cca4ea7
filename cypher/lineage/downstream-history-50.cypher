// purpose: downstream closure of each root over edges that hold now, nearest first, at most 50 edges deep, through the history of commits
// params: roots, limit, maxDepth, full
// returns: rows = lists of up to 1000 [internal id, label, key, depth, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a) WHERE id(a) = root
CALL (a) {
  MATCH p = (a)<-[rs:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT*1..50]-(x)
  WHERE all(r IN rs WHERE r.validFrom IS NOT NULL AND r.endValid IS NULL)
  WITH x, min(length(p)) AS depth
  LIMIT $limit
  RETURN x, depth
}
WITH x, depth WHERE depth <= $maxDepth
WITH collect([id(x), labels(x)[0], x.key, depth, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
