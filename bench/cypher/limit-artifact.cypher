// purpose: the plain write that ingest is compared with: Artifact nodes
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:Artifact {key: row.key}) ON CREATE SET n += row.p
