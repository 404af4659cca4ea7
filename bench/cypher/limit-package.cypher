// purpose: the plain write that documents are compared with: Package nodes
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:Package {key: row.key}) ON CREATE SET n += row.p
