// purpose: what depends on the given nodes, and what contains them directly, according to some claims (documents), as it held at a moment
// params: ids, claims, valid, known
// returns: rows = lists of up to 1000 [from, to, type, trust, claim]
UNWIND $ids AS i
MATCH (b) WHERE id(b) = i
MATCH (a)-[r:DEPENDS_ON|CONTAINS]->(b)
WHERE r.claim IN $claims AND (type(r) = 'DEPENDS_ON' OR r.direct) AND {{held}}
WITH collect([id(a), id(b), type(r), coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
