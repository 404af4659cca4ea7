// purpose: downstream closure of each root over edges that hold, nearest first, at most 100000 edges deep; with
//   $edges, and unless it was cut, also the edges of all that are not deepest
// params: roots, limit, maxDepth, full, edges, claims, valid, known, minTrust, now
// returns: part ('nodes', then 'edges'), rows = lists of up to 1000 [internal id, label, key, depth, properties (null unless
//   $full)] or [from, to, type, trust, claim (null unless $claims)], those of one node together
UNWIND $roots AS root
MATCH (origin) WHERE id(origin) = root
CALL (origin) {
  MATCH p = (origin)<-[rs:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS*1..100000]-(x)
  WHERE all(r IN rs WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END)
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
    MATCH (a)<-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS]-(b)
    WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END
    WITH collect([id(b), id(a), type(r), CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END,
      CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom} END]) AS rows
    UNWIND range(0, size(rows) - 1, 1000) AS from
    RETURN rows[from..from + 1000] AS rows
  }
  RETURN 'edges' AS part, rows
}
RETURN part, rows
