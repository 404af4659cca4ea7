// purpose: the context edges between the given nodes and any of the known ones
// params: ids, among, claims, types, valid, known, minTrust, now
// returns: rows = lists of up to 1000 [from, to, type, trust, claim (null unless $claims)]
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a)-[r:{{contextTypes}}]-(b)
WHERE {{holds}} AND id(b) IN $among
  AND ($types IS NULL OR type(r) IN $types)
  AND {{stands}}
WITH DISTINCT r
WITH collect([id(startNode(r)), id(endNode(r)), type(r), coalesce(r.trust, 1),
  CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom} END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
