// purpose: {{what}} {{if counted}}things{{end}}{{if place}}what{{end}} {{type}} edges {{word}} nodes lead to, {{how}}, for many nodes at once
// variants: type, side, page
// params: ids, labels, {{if place}}key, label, claims, {{end}}limit
// returns: parent, {{if counted}}count{{end}}{{if place}}id, label, properties, trust, claims (empty unless $claims){{end}}
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
{{if place}}
    AND (b.key {{comparison}} $key OR (b.key = $key AND labels(b)[0] {{comparison}} $label))
{{end}}
    AND ($labels IS NULL OR labels(b)[0] IN $labels)
{{if counted}}
  WITH DISTINCT b LIMIT $limit
  RETURN count(b) AS count
}
RETURN parent, count
{{end}}
{{if place}}
  WITH b, max(coalesce(r.trust, 1)) AS trust,
    collect(CASE WHEN $claims THEN r {.claim, .claimant, .validFrom, .knownFrom, .trust} END)[0..500] AS claims
  ORDER BY b.key{{descending}}, labels(b)[0]{{descending}}
  LIMIT $limit
  RETURN b, trust, claims
}
RETURN parent, id(b) AS id, labels(b)[0] AS label, properties(b) AS properties, trust, claims
{{end}}
