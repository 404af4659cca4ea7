// purpose: {{what}} packages, {{how}}
// variants: page
// params: purlType, namespace, namePrefix, {{place}}limit
// returns: {{returns}}
MATCH (n:Package)
WHERE {{behind}}
  AND ($purlType IS NULL OR n.purlType = $purlType)
  AND ($namespace IS NULL OR n.namespace = $namespace)
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
WITH DISTINCT n
{{slice}}
