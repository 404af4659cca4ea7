// purpose: every deployment that was ever made to some environments (by key or name; null = to any)
// params: environments, valid, known
// returns: rows = lists of up to 1000 [deployment, environment, type, trust, claim]
MATCH (b:Environment)
WHERE $environments IS NULL OR b.key IN $environments OR b.name IN $environments
MATCH (a:Deployment)-[r:TARGETS]->(b)
WHERE {{held}}
WITH collect([id(a), id(b), type(r), coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
