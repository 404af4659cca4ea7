// purpose: context edges and other names of the given nodes, as they held at a moment, each with at most 100 of its best claims;
//   a withdrawn advisory ends its claims, and of the aliases that one source gave it the newest count
// params: ids, out, into, valid, known
// returns: rows = lists of up to 1000 [from, to, type, trust, claim]
UNWIND $ids AS i
MATCH (n) WHERE id(n) = i
MATCH (n)-[r:VERSION_OF|RAN_ON|PART_OF|TARGETS|ATTESTS|DESCRIBES|SIGNED_BY|IN_REPOSITORY|SAME_AS|PACKAGED_AS|HAS_DIGEST|DISTRIBUTION_OF|DESCENDS_FROM|MAY_BE_GENERATED_BY]-(m)
WITH n, r, startNode(r) AS a, endNode(r) AS b
WHERE ((a = n AND type(r) IN $out) OR (b = n AND type(r) IN $into))
  AND {{held}}
  AND {{stands}}
  AND (r.series IS NULL OR NOT EXISTS {
    MATCH (:Vulnerability {key: r.stater})-[o:CONCERNS]->()
    WHERE o.series = r.series AND o.validFrom > r.validFrom AND {{said of o}}
  })
WITH DISTINCT a, b, r
WITH a, b, type(r) AS type, collect(r) AS claims, max(coalesce(r.trust, 1)) AS best
UNWIND CASE WHEN size(claims) <= 100 THEN claims ELSE [r IN claims WHERE coalesce(r.trust, 1) = best][..100] END AS r
WITH collect([id(a), id(b), type(r), coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
