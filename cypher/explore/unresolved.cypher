// purpose: what is referred to and was never stated, among the next `$examined` things of one label by key{{backwards}}; only the branch
//   of `$label` runs
// variants: order
// params: label, position, examined, limit
// returns: rows = [[id, label, properties]], examined = how many were looked at, last = key of the last of them
CALL () {
{{each label of statedLabels}}
  WITH 1 AS one WHERE $label = '{{label}}'
  MATCH (n:{{label}}) WHERE n.key {{comparison}} $position
  WITH n ORDER BY n.key{{descending}} LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, {{last}}(n.key) AS last
{{between}}
  UNION ALL
{{end}}
}
WITH found, examined, last WHERE examined > 0 // the other branches counted nothing
RETURN [n IN found | [id(n), $label, properties(n)]] AS rows, examined, last
