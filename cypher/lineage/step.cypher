// purpose: one step of the {{direction}} closure of each root, over edges that hold{{history}}
// variants: direction, follow
// params: roots, limit, full, valid, known, minTrust, now{{if typed}}, types{{end}}
// returns: rows = lists of up to 1000 [internal id, label, key, 1, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a) WHERE id(a) = root
CALL (a) {
  MATCH (a){{left}}[r:{{types}}]{{right}}(x)
  WHERE {{followed}}
  WITH DISTINCT x
  LIMIT $limit
  RETURN x
}
WITH collect([id(x), labels(x)[0], x.key, 1, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
