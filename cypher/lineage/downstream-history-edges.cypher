// purpose: the edges of downstream lineage among the given nodes, through the history of commits
// params: ids, claims
// returns: rows = lists of up to 1000 [from, to, type, trust, claim (null unless $claims)]
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a)<-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT]-(b)
WHERE r.validFrom IS NOT NULL AND r.endValid IS NULL AND id(b) IN $ids
WITH collect([id(b), i, type(r), coalesce(r.trust, 1),
  CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom} END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
