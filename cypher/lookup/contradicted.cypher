// purpose: what claims say that things are one with while other claims contradict them, by key, at most 100 of each thing
// params: ids
// returns: parent, id, label, properties, trust, claims (at most 100), since = the log number at which the contradiction was known
UNWIND $ids AS parent
MATCH (a) WHERE id(a) = parent
CALL (a) {
  MATCH (a)-[r:SAME_AS|PACKAGED_AS]->(b)
  WHERE r.endBy IS NOT NULL AND all(by IN r.endBy WHERE by STARTS WITH 'conflict:')
  WITH b, max(coalesce(r.trust, 1)) AS trust, min(reduce(least = r.endKnown[0], k IN r.endKnown | CASE WHEN k < least THEN k ELSE least END)) AS since,
    collect(r {.claim, .claimant, .validFrom, .knownFrom, .trust})[..100] AS claims
  ORDER BY b.key, labels(b)[0]
  LIMIT 100
  RETURN b, trust, since, claims
}
RETURN parent, id(b) AS id, labels(b)[0] AS label, properties(b) AS properties, trust, claims, since
