// purpose: the plain write that documents are compared with: edges DEPENDS_ON
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:PackageVersion {key: row.a})
MATCH (b:PackageVersion {key: row.b})
CREATE (a)-[:DEPENDS_ON]->(b)
