// purpose: the other names of repositories, which share their number on their host: what is in one is in the other
// params: roots, limit, full
// returns: rows = lists of up to 1000 [internal id, label, key, 1, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a:Repository) WHERE id(a) = root AND a.hostId IS NOT NULL
CALL (a) {
  MATCH (x:Repository) WHERE x.hostId = a.hostId AND x <> a
  RETURN x LIMIT $limit
}
WITH collect([id(x), 'Repository', x.key, 1, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
