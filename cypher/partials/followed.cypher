// whether lineage goes over the claim `r`; `$types` may name edges that something makes which is withdrawn by itself
{{if typed}}type(r) IN $types AND {{end}}{{holds}}{{if typed}} AND {{stands}}{{end}}
