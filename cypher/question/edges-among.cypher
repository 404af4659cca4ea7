// purpose: the edges from the given nodes to what they were derived from among other ones, as they held at a moment
// params: ids, among, types, valid, known
// returns: rows = lists of up to 1000 [from, to, type, trust, claim]
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a)-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT]->(b)
WHERE type(r) IN $types AND id(b) IN $among AND {{held}}
WITH collect([id(a), id(b), type(r), coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
