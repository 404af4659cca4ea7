// purpose: ends claims of ({{from}})-[:{{type}}]->({{to}}) at a thing whose claims contradict each other
// variants: fileEdge
// params: rows, valid
// returns: -
UNWIND $rows AS row
MATCH (a:{{from}} {key: row.a})
MATCH (b:{{to}} {key: row.b})
MATCH (a)-[e:{{type}} {claim: row.c}]->(b)
SET e.claim = row.c // takes the lock before the list is read
WITH e, row, CASE WHEN {{withdrawn}} THEN row.ever ELSE row.since END AS k
WHERE k IS NOT NULL AND NOT row.by IN coalesce(e.endBy, [])
SET e.endValid = coalesce(e.endValid, []) + $valid,
    e.endKnown = coalesce(e.endKnown, []) + k,
    e.endBy = coalesce(e.endBy, []) + row.by
