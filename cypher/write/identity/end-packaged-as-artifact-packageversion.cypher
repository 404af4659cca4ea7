// purpose: ends claims of (Artifact)-[:PACKAGED_AS]->(PackageVersion) at a thing whose claims contradict each other
// params: rows, valid
// returns: -
UNWIND $rows AS row
MATCH (a:Artifact {key: row.a})
MATCH (b:PackageVersion {key: row.b})
MATCH (a)-[e:PACKAGED_AS {claim: row.c}]->(b)
SET e.claim = row.c // takes the lock before the list is read
WITH e, row, CASE WHEN any(by IN coalesce(e.endBy, []) WHERE NOT by STARTS WITH 'conflict:') THEN row.ever ELSE row.since END AS k
WHERE k IS NOT NULL AND NOT row.by IN coalesce(e.endBy, [])
SET e.endValid = coalesce(e.endValid, []) + $valid,
    e.endKnown = coalesce(e.endKnown, []) + k,
    e.endBy = coalesce(e.endBy, []) + row.by
