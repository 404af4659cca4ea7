// purpose: which events the log has from a position on, and how large they are, to read them in pieces of bounded size
// params: from, key, until, types, limit
// returns: key, n, size
MATCH (e:Event)
WHERE e.n >= $from AND e.n <= $until
  AND (e.n > $from OR e.key > $key)
  AND ($types IS NULL OR e.type IN $types)
WITH e ORDER BY e.n, e.key LIMIT $limit
RETURN e.key AS key, e.n AS n, coalesce(size(e.body), 0) AS size
ORDER BY n, key
