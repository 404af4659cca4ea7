// purpose: the context edges between the given nodes and any of the known ones
// params: ids, known, claims
// returns: rows = lists of up to 1000 [from, to, type, trust, claim (null unless $claims)]
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a)-[r:VERSION_OF|RAN_ON|PART_OF|TARGETS|ATTESTS|DESCRIBES|SIGNED_BY|AFFECTS|IN_REPOSITORY]-(b)
WHERE r.validFrom IS NOT NULL AND r.endValid IS NULL AND id(b) IN $known
  AND none(e IN coalesce(startNode(r).endValid, []) WHERE e >= r.validFrom)
WITH DISTINCT r
WITH collect([id(startNode(r)), id(endNode(r)), type(r), coalesce(r.trust, 1),
  CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom} END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
