// purpose: {{what}} artifacts, {{how}}
// variants: timedPage
// params: namePrefix, mediaType, since, until, resolved, {{place}}limit
// returns: {{returns}}
MATCH (n:Artifact)
WHERE {{behind}}
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($mediaType IS NULL OR n.mediaType = $mediaType)
  AND ($since IS NULL OR n.createdAt >= $since)
  AND ($until IS NULL OR n.createdAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n{{if timed}}, coalesce(n.createdAt, {{never}}) AS at{{end}}
{{if timed}}
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $position)
WITH n, at
{{end}}
{{slice}}
