// purpose: {{what}} commits, {{how}}
// variants: timedPage
// params: messagePrefix, author, since, until, resolved, {{place}}limit
// returns: {{returns}}
MATCH (n:Commit)
WHERE {{behind}}
  AND ($messagePrefix IS NULL OR n.message STARTS WITH $messagePrefix)
  AND ($author IS NULL OR n.authorName = $author OR n.authorEmail = $author)
  AND ($since IS NULL OR n.committedAt >= $since)
  AND ($until IS NULL OR n.committedAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n{{if timed}}, coalesce(n.committedAt, {{never}}) AS at{{end}}
{{if timed}}
WHERE at {{comparison}} $at OR (at = $at AND n.key {{comparison}} $position)
WITH n, at
{{end}}
{{slice}}
