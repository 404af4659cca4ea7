// purpose: remembers which strong digests {{label}} nodes are one with; the first claims of a node need nothing further
// variants: fileLabel
// params: rows
// returns: key, sameDigests, conflictSince, conflictEver of the nodes at which more is to be done
UNWIND $rows AS row
MATCH (n:{{label}} {key: row.key})
SET n.key = row.key // takes the lock before the digests are read
WITH n, row, n.sameDigests AS known, n.conflictSince AS since, n.conflictEver AS ever
FOREACH (x IN CASE WHEN known IS NULL AND since IS NULL AND row.agree AND size(row.digests) > 0 THEN [1] ELSE [] END |
  SET n.sameDigests = row.digests)
WITH row, known, since, ever
WHERE since IS NOT NULL OR ever IS NOT NULL OR NOT row.agree
  OR (known IS NOT NULL AND any(digest IN row.digests WHERE NOT digest IN known))
RETURN row.key AS key, known AS sameDigests, since AS conflictSince, ever AS conflictEver
