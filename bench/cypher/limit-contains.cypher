// purpose: the plain write that documents are compared with: edges CONTAINS
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:Artifact {key: row.a})
MATCH (b:PackageVersion {key: row.b})
CREATE (a)-[:CONTAINS]->(b)
