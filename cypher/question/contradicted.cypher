// purpose: names that the given nodes, or what is beside them, would be one with if claims did not contradict each other: like names
//   that several files may have
// params: ids, valid, known
// returns: rows = lists of up to 1000 [from, to, DISTRIBUTION_OF or HAS_DIGEST, trust, claim]
UNWIND $ids AS i
MATCH (n) WHERE id(n) = i
MATCH (n)-[r:SAME_AS|PACKAGED_AS]-()
WHERE r.endBy IS NOT NULL AND r.knownFrom <= $known AND r.validFrom <= $valid
WITH DISTINCT r, startNode(r) AS a, endNode(r) AS b, [i IN range(0, size(r.endBy) - 1) WHERE r.endKnown[i] <= $known AND r.endValid[i] <= $valid | r.endBy[i]] AS ends
// both directions are stored: the one from the file to the name that it shares
WHERE size(ends) > 0 AND all(by IN ends WHERE by STARTS WITH 'conflict:')
  AND a:Artifact AND (type(r) = 'PACKAGED_AS' OR 'conflict:end' IN ends)
WITH collect([id(a), id(b), CASE type(r) WHEN 'SAME_AS' THEN 'HAS_DIGEST' ELSE 'DISTRIBUTION_OF' END, coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
