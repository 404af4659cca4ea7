// purpose: how many of `$examined` things of each label were never stated
// params: examined
// returns: label, examined, unresolved
{{each label of statedLabels}}
CALL () {
  MATCH (n:{{label}}) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN '{{label}}' AS label, examined, unresolved
{{between}}
UNION ALL
{{end}}
