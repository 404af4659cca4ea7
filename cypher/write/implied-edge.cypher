// purpose: ({{from}})-[:{{type}}]->({{to}}), which a key implies: one edge, that keeps the first log number at which anybody said so
// variants: impliedEdge
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:{{from}} {key: row.a})
MATCH (b:{{to}} {key: row.b})
MERGE (a)-[e:{{type}} {claim: row.c}]->(b)
ON CREATE SET e += row.p
// takes the lock of an edge that would change, and looks again
FOREACH (x IN CASE WHEN e.knownFrom > row.p.knownFrom THEN [1] ELSE [] END | SET e.claim = row.c)
FOREACH (x IN CASE WHEN e.knownFrom > row.p.knownFrom THEN [1] ELSE [] END | SET e += row.p)
