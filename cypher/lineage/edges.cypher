// purpose: the edges of {{direction}} lineage that start at the given nodes and end at one of `among` (null: anywhere){{history}}
// variants: direction, follow
// params: ids, among, claims, valid, known, minTrust, now{{if typed}}, types{{end}}
// returns: rows = lists of up to 1000 [from, to, type, trust, claim (null unless $claims)]
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a){{left}}[r:{{types}}]{{right}}(b)
WHERE {{followed}} AND ($among IS NULL OR id(b) IN $among)
WITH collect([{{from}}, {{to}}, type(r), coalesce(r.trust, 1),
  CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom} END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
