// purpose: the plain write that documents are compared with: PackageVersion nodes
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:PackageVersion {key: row.key}) ON CREATE SET n += row.p
