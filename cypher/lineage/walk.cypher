// purpose: {{direction}} closure of each root over edges that hold, nearest first, at most {{bound}} edges deep{{history}}; with
//   $edges, and unless it was cut, also the edges of all that are not deepest
// variants: direction, follow, longBound
// params: roots, limit, maxDepth, full, edges, claims, valid, known, minTrust, now{{if typed}}, types{{end}}
// returns: part ('nodes', then 'edges'), rows = lists of up to 1000 [internal id, label, key, depth, properties (null unless
//   $full)] or [from, to, type, trust, claim (null unless $claims)], those of one node together
UNWIND $roots AS root
MATCH (origin) WHERE id(origin) = root
CALL (origin) {
  MATCH p = (origin){{left}}[rs:{{types}}*1..{{bound}}]{{right}}(x)
  WHERE all(r IN rs WHERE {{followed}})
  WITH x, min(length(p)) AS depth
  LIMIT $limit
  WITH x, depth WHERE depth <= $maxDepth AND x <> origin
  RETURN collect([x, depth]) AS found
}
CALL (origin, found) {
  UNWIND range(0, size(found) - 1, 1000) AS at
  RETURN 'nodes' AS part, [one IN found[at..at + 1000] |
    [id(one[0]), labels(one[0])[0], one[0].key, one[1], CASE WHEN $full THEN properties(one[0]) END]] AS rows
UNION ALL
  UNWIND CASE WHEN $edges AND size(found) < $limit - 1 THEN range(0, size(found), 1000) ELSE [] END AS at
  CALL (origin, found, at) {
    UNWIND CASE WHEN at = 0 THEN [[origin, 0]] ELSE [] END + found[at..at + 1000] AS one
    WITH one[0] AS a WHERE one[1] < $maxDepth
    MATCH (a){{left}}[r:{{types}}]{{right}}(b)
    WHERE {{followed}}
    WITH collect([{{from}}, {{to}}, type(r), coalesce(r.trust, 1),
      CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom} END]) AS rows
    UNWIND range(0, size(rows) - 1, 1000) AS from
    RETURN rows[from..from + 1000] AS rows
  }
  RETURN 'edges' AS part, rows
}
RETURN part, rows
