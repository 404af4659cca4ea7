// purpose: names of the given nodes that others may have as well, or would identify if claims did not contradict each other; with
//   $toFiles, also what has the given nodes for such a name
// params: ids, toFiles, valid, known
// returns: rows = lists of up to 1000 [from, to, DISTRIBUTION_OF or HAS_DIGEST, trust, claim]
UNWIND $ids AS i
MATCH (n:Artifact|PackageVersion) WHERE id(n) = i
MATCH (n)-[r:HAS_DIGEST|DISTRIBUTION_OF|SAME_AS|PACKAGED_AS]-()
WHERE (type(r) IN ['HAS_DIGEST', 'DISTRIBUTION_OF'] OR r.endBy IS NOT NULL) AND ($toFiles OR startNode(r) = n)
  AND {{said}}
WITH DISTINCT r, startNode(r) AS a, endNode(r) AS b,
  [i IN range(0, size(coalesce(r.endBy, [])) - 1) WHERE r.endKnown[i] <= $known AND r.endValid[i] <= $valid | r.endBy[i]] AS ends
WHERE CASE type(r)
  // of identities both directions are stored: the one from the file to the name that it shares
  WHEN 'SAME_AS' THEN 'conflict:end' IN ends AND all(by IN ends WHERE by STARTS WITH 'conflict:')
  WHEN 'PACKAGED_AS' THEN a:Artifact AND size(ends) > 0 AND all(by IN ends WHERE by STARTS WITH 'conflict:')
  ELSE size(ends) = 0
END
WITH collect([id(a), id(b), CASE type(r) WHEN 'SAME_AS' THEN 'HAS_DIGEST' WHEN 'PACKAGED_AS' THEN 'DISTRIBUTION_OF' ELSE type(r) END,
  coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
