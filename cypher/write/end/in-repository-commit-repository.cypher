// purpose: ends claims of (Commit)-[:IN_REPOSITORY]->(Repository); the end may be known before the claim
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:Commit {key: row.a})
MATCH (b:Repository {key: row.b})
MERGE (a)-[e:IN_REPOSITORY {claim: row.c}]->(b)
WITH e, row WHERE NOT row.by IN coalesce(e.endBy, [])
SET e.endValid = coalesce(e.endValid, []) + row.v,
    e.endKnown = coalesce(e.endKnown, []) + row.k,
    e.endBy = coalesce(e.endBy, []) + row.by
