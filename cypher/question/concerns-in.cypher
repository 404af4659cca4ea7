// purpose: what is said of the given packages and things by advisories and VEX statements, as it held at a moment: of one source, only
//   what it stated last; of each thing said, its newest 100 claims
// params: ids, valid, known
// returns: rows = lists of up to 1000 [vulnerability, package or thing, type, trust, claim]
UNWIND $ids AS i
MATCH (m) WHERE id(m) = i
MATCH (m)<-[r:AFFECTS|CONCERNS]-(v:Vulnerability)
WHERE {{held}}
  AND (coalesce(r.vex, false) OR {{stands}})
  AND (r.series IS NULL OR NOT EXISTS {
    MATCH (v)-[o:CONCERNS]->()
    WHERE o.series = r.series AND o.validFrom > r.validFrom AND {{said of o}}
  })
WITH v, m, r ORDER BY r.validFrom DESC
WITH v, m, type(r) AS type, r.concerns AS concerns, collect(r)[..100] AS claims
UNWIND claims AS r
WITH collect([id(v), id(m), type, coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom, .concerns}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
