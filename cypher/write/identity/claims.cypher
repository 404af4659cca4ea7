// purpose: everything that claims say {{label}} nodes are one with, of at most $most claims of each
// variants: fileLabel
// params: keys, most
// returns: of and key = the thing, label and other = what it is one with, ended = by a withdrawal, n = when the first of them became known,
//   null if only ends are; known and states = sameDigests, conflictSince and conflictEver of the thing and of the other; digests = keys of
//   a package version's, at most 20; claims = how many there are
UNWIND $keys AS key
MATCH (n:{{label}} {key: key})
SET n.key = key // takes the lock before the claims are read
WITH n, key
CALL (n) { MATCH (n)-[e:{{types}}]-(x) RETURN e, x LIMIT $most }
WITH n, key, x, {{withdrawn}} AS ended, min(e.knownFrom) AS since, count(*) AS claims
RETURN '{{label}}' AS of, key, labels(x)[0] AS label, x.key AS other, ended, since AS n, claims,
  n {.sameDigests, .conflictSince, .conflictEver} AS known, x {.sameDigests, .conflictSince, .conflictEver} AS states,
  CASE WHEN x:PackageVersion THEN COLLECT { MATCH (x)-[:PACKAGED_AS]-(d:Artifact) RETURN DISTINCT d.key LIMIT 20 } ELSE [] END AS digests
