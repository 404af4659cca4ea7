// purpose: ends claims of (PackageVersion)-[:MAY_BE_GENERATED_BY]->(Build); the end may be known before the claim
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:PackageVersion {key: row.a})
MATCH (b:Build {key: row.b})
MERGE (a)-[e:MAY_BE_GENERATED_BY {claim: row.c}]->(b)
SET e.claim = row.c // takes the lock before the list is read
WITH e, row WHERE NOT row.by IN coalesce(e.endBy, [])
SET e.endValid = coalesce(e.endValid, []) + row.v,
    e.endKnown = coalesce(e.endKnown, []) + row.k,
    e.endBy = coalesce(e.endBy, []) + row.by
