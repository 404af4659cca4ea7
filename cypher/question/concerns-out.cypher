// purpose: what is said of the given vulnerabilities, as it held at a moment: of one source, only what it stated last; of each thing
//   said, its newest 100 claims
// params: ids, valid, known
// returns: rows = lists of up to 1000 [vulnerability, package or thing, type, trust, claim]
UNWIND $ids AS i
MATCH (v:Vulnerability) WHERE id(v) = i
CALL (v) {
  OPTIONAL MATCH (v)-[o:CONCERNS]->()
  WHERE o.series IS NOT NULL AND {{said of o}}
  WITH o.series AS series, max(o.validFrom) AS at
  RETURN collect({series: series, at: at}) AS newest
}
MATCH (v)-[r:AFFECTS|CONCERNS]->(m)
WHERE {{held}}
  AND (coalesce(r.vex, false) OR {{stands}})
  AND (r.series IS NULL OR none(last IN newest WHERE last.series = r.series AND last.at > r.validFrom))
WITH v, m, r ORDER BY r.validFrom DESC
WITH v, m, type(r) AS type, r.concerns AS concerns, collect(r)[..100] AS claims
UNWIND claims AS r
WITH collect([id(v), id(m), type, coalesce(r.trust, 1), r {.claim, .claimant, .validFrom, .knownFrom, .concerns}]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
