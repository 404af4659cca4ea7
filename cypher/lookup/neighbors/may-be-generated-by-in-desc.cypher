// purpose: a page of what MAY_BE_GENERATED_BY edges into nodes lead to, by key, backwards, for many nodes at once
// params: ids, labels, key, label, limit, claims
// returns: parent, id, label, properties, trust, claims (empty unless $claims)
UNWIND $ids AS parent
MATCH (a) WHERE id(a) = parent
CALL (a) {
  MATCH (a)<-[r:MAY_BE_GENERATED_BY]-(b)
  WHERE r.validFrom IS NOT NULL AND r.endValid IS NULL
    AND none(e IN coalesce(startNode(r).endValid, []) WHERE e >= r.validFrom)
    AND (b.key < $key OR (b.key = $key AND labels(b)[0] < $label))
    AND ($labels IS NULL OR labels(b)[0] IN $labels)
  WITH b, max(coalesce(r.trust, 1)) AS trust,
    collect(CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom, .trust} END)[0..500] AS claims
  ORDER BY b.key DESC, labels(b)[0] DESC
  LIMIT $limit
  RETURN b, trust, claims
}
RETURN parent, id(b) AS id, labels(b)[0] AS label, properties(b) AS properties, trust, claims
