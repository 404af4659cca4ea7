// purpose: how many nodes the {{direction}} closure of a root has, by label and depth, at most {{bound}} edges deep{{history}}
// variants: direction, follow, bound
// params: root, limit, maxDepth, valid, known, minTrust, now{{if typed}}, types{{end}}
// returns: label, depth, count, tags (internal ids of those that can be tags)
MATCH (a) WHERE id(a) = $root
CALL (a) {
  MATCH p = (a){{left}}[rs:{{types}}*1..{{bound}}]{{right}}(x)
  WHERE all(r IN rs WHERE {{followed}})
  WITH x, min(length(p)) AS depth
  LIMIT $limit
  RETURN x, depth
}
WITH a, x, depth WHERE depth <= $maxDepth AND x <> a
WITH x, labels(x)[0] AS label, depth
RETURN label, depth, count(*) AS count, collect(CASE label WHEN 'Resource' THEN id(x) END) AS tags
