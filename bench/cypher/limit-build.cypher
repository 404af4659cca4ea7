// purpose: the plain write that ingest is compared with: Build nodes
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:Build {key: row.key}) ON CREATE SET n += row.p
