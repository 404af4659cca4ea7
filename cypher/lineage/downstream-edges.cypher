// purpose: the edges of downstream lineage that start at the given nodes and end at one of `among` (null: anywhere)
// params: ids, among, claims, valid, known, minTrust, now
// returns: rows = lists of up to 1000 [from, to, type, trust, claim (null unless $claims)]
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a)<-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS]-(b)
WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END AND ($among IS NULL OR id(b) IN $among)
WITH collect([id(b), id(a), type(r), CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END,
  CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom} END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
