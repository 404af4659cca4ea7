// purpose: nodes of every label by key
// params: {{labelParams}}
// returns: id, label, properties
{{each label of labels}}
MATCH (n:{{label}}) WHERE n.key IN ${{label}}
RETURN id(n) AS id, '{{label}}' AS label, properties(n) AS properties
{{between}}
UNION ALL
{{end}}
