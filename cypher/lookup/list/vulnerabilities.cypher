// purpose: {{what}} advisories, {{how}}
// variants: timedPage
// params: severity, idPrefix, withdrawn, since, until, resolved, {{place}}limit
// returns: {{returns}}
MATCH (n:Vulnerability)
WHERE {{behind}}
  AND ($severity IS NULL OR toUpper(coalesce(n.severity, 'unknown')) = $severity)
  AND ($idPrefix IS NULL OR n.key STARTS WITH $idPrefix)
  AND ($withdrawn IS NULL OR (n.withdrawnAt IS NOT NULL) = $withdrawn)
  AND ($since IS NULL OR n.publishedAt >= $since)
  AND ($until IS NULL OR n.publishedAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n{{if timed}}, coalesce(n.publishedAt, {{never}}) AS at{{end}}
{{if timed}}
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $position)
WITH n, at
{{end}}
{{slice}}
