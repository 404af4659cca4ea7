// purpose: a page of artifacts, by key{{backwards}}
// variants: order
// params: namePrefix, mediaType, since, until, resolved, position, limit
// returns: id, label, properties
MATCH (n:Artifact)
WHERE n.key {{comparison}} $position
  AND ($namePrefix IS NULL OR n.name STARTS WITH $namePrefix)
  AND ($mediaType IS NULL OR n.mediaType = $mediaType)
  AND ($since IS NULL OR n.createdAt >= $since)
  AND ($until IS NULL OR n.createdAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Artifact' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
