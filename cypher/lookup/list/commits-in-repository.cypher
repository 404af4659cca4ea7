// purpose: a page of commits of repositories, by key{{backwards}}
// variants: order
// params: repositories, messagePrefix, author, since, until, resolved, position, limit
// returns: id, label, properties
MATCH (home:Repository) WHERE home.key IN $repositories
MATCH (home)<-[r:IN_REPOSITORY]-(n:Commit)
WHERE n.key {{comparison}} $position
  AND {{holdsNow}}
  AND ($messagePrefix IS NULL OR n.message STARTS WITH $messagePrefix)
  AND ($author IS NULL OR n.authorName = $author OR n.authorEmail = $author)
  AND ($since IS NULL OR n.committedAt >= $since)
  AND ($until IS NULL OR n.committedAt < $until)
  AND ($resolved IS NULL OR coalesce(n.resolved, false) = $resolved)
WITH DISTINCT n ORDER BY n.key{{descending}} LIMIT $limit
RETURN id(n) AS id, 'Commit' AS label, properties(n) AS properties
ORDER BY n.key{{descending}}
