// purpose: the plain write that documents are compared with: edges VERSION_OF
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:PackageVersion {key: row.a})
MATCH (b:Package {key: row.b})
CREATE (a)-[:VERSION_OF]->(b)
