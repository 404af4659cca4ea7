// purpose: the plain write that ingest is compared with: Commit nodes
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:Commit {key: row.key}) ON CREATE SET n += row.p
