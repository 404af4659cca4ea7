// purpose: a page of what {{type}} edges {{word}} nodes lead to, by key{{backwards}}, for many nodes at once
// variants: type, side, order
// params: ids, labels, key, label, limit, claims
// returns: parent, id, label, properties, trust, claims (empty unless $claims)
UNWIND $ids AS parent
MATCH (a) WHERE id(a) = parent
CALL (a) {
  MATCH (a){{left}}[r:{{type}}]{{right}}(b)
  WHERE {{holdsNow}}
    AND none(e IN coalesce(startNode(r).endValid, []) WHERE e >= r.validFrom)
{{if restated}}
    AND (r.series IS NULL OR NOT EXISTS {
      MATCH (:Vulnerability {key: r.stater})-[o:CONCERNS]->()
      WHERE o.series = r.series AND o.validFrom > r.validFrom AND {{holdsNow of o}}
    })
{{end}}
    AND (b.key {{comparison}} $key OR (b.key = $key AND labels(b)[0] {{comparison}} $label))
    AND ($labels IS NULL OR labels(b)[0] IN $labels)
  WITH b, max(coalesce(r.trust, 1)) AS trust,
    collect(CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom, .trust} END)[0..500] AS claims
  ORDER BY b.key{{descending}}, labels(b)[0]{{descending}}
  LIMIT $limit
  RETURN b, trust, claims
}
RETURN parent, id(b) AS id, labels(b)[0] AS label, properties(b) AS properties, trust, claims
