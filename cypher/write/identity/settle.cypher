// purpose: what all claims at {{label}} nodes come to; where they contradict each other every edge ends, else those endings go
// variants: fileLabel
// params: rows, valid
// returns: -
UNWIND $rows AS row
MATCH (n:{{label}} {key: row.key})
WITH n, row, n.conflictEver IS NOT NULL OR row.conflictEver IS NOT NULL AS concerned
SET n.sameDigests = row.sameDigests, n.conflictSince = row.conflictSince, n.conflictEver = row.conflictEver
WITH n, row WHERE concerned
MATCH (n)-[e:{{types}}]-()
WHERE e.validFrom IS NOT NULL
SET e.claim = e.claim // takes the lock before the lists are read
WITH e, CASE WHEN startNode(e) = n THEN 'conflict:start' ELSE 'conflict:end' END AS own,
  CASE WHEN {{withdrawn}} THEN row.conflictEver ELSE row.conflictSince END AS k
WITH e, own, k, [i IN range(0, size(coalesce(e.endBy, [])) - 1) WHERE e.endBy[i] <> own] AS others
WITH e,
  [i IN others | e.endBy[i]] + CASE WHEN k IS NULL THEN [] ELSE [own] END AS endBy,
  [i IN others | e.endValid[i]] + CASE WHEN k IS NULL THEN [] ELSE [$valid] END AS endValid,
  [i IN others | e.endKnown[i]] + CASE WHEN k IS NULL THEN [] ELSE [k] END AS endKnown
SET e.endBy = CASE WHEN endBy <> [] THEN endBy END,
  e.endValid = CASE WHEN endBy <> [] THEN endValid END,
  e.endKnown = CASE WHEN endBy <> [] THEN endKnown END
