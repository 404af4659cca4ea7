// purpose: the edges that lead to the given nodes from what was derived from them, as they held at a moment
// params: ids, types, contents, limit, valid, known
// returns: rows = lists of up to 1000 [from, to, type, trust, claim]; containers that are no artifacts only where $contents
UNWIND $ids AS i
MATCH (b) WHERE id(b) = i
MATCH (a)-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT]->(b)
WHERE type(r) IN $types AND ($contents OR type(r) <> 'CONTAINS' OR a:Artifact)
  AND {{held}}
WITH a, b, r LIMIT $limit
WITH collect([id(a), id(b), type(r), coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
