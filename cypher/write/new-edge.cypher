// purpose: claims ({{from}})-[:{{type}}]->({{to}}), where nobody has said anything of these claims before: none is looked for
// variants: edge
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:{{from}} {key: row.a})
MATCH (b:{{to}} {key: row.b})
CREATE (a)-[e:{{type}} {claim: row.c}]->(b)
SET e += row.p
