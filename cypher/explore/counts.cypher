// purpose: how many nodes of each label there are, from the count store
// params: -
// returns: label, count
{{each label of countedLabels}}
MATCH (n:{{label}}) WITH count(n) AS count RETURN '{{label}}' AS label, count
{{between}}
UNION ALL
{{end}}
