// purpose: things of one label whose key lies in a range (all that begin with a prefix), by key; only the branch of `$label` runs: the
//   others end before they look at an index
// params: label, from, to, limit
// returns: id, label, properties
CALL () {
{{each label of prefixedLabels}}
  WITH 1 AS one WHERE $label = '{{label}}'
  MATCH (n:{{label}}) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
{{between}}
  UNION ALL
{{end}}
}
RETURN id(n) AS id, $label AS label, properties(n) AS properties
ORDER BY n.key
