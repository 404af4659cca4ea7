// purpose: ends claims of ({{from}})-[:{{type}}]->({{to}}); the end may be known before the claim
// variants: edge
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:{{from}} {key: row.a})
MATCH (b:{{to}} {key: row.b})
MERGE (a)-[e:{{type}} {claim: row.c}]->(b)
SET e.claim = row.c // takes the lock before the list is read
WITH e, row WHERE NOT row.by IN coalesce(e.endBy, [])
SET e.endValid = coalesce(e.endValid, []) + row.v,
    e.endKnown = coalesce(e.endKnown, []) + row.k,
    e.endBy = coalesce(e.endBy, []) + row.by
