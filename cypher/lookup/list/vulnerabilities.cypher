// purpose: a page of advisories, by key{{backwards}}
// variants: order
// params: severity, idPrefix, withdrawn, since, until, resolved, position, limit
// returns: id, label, properties
MATCH (n:Vulnerability)
WHERE n.key {{comparison}} $position
  AND ($severity IS NULL OR toUpper(coalesce(n.severity, 'unknown')) = $severity)
  AND ($idPrefix IS NULL OR n.key STARTS WITH $idPrefix)
  AND ($withdrawn IS NULL OR (n.withdrawnAt IS NOT NULL) = $withdrawn)
  AND ($since IS NULL OR n.publishedAt >= $since)
  AND ($until IS NULL OR n.publishedAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Vulnerability' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
