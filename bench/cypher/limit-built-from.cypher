// purpose: the plain write that ingest is compared with: commits of builds
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:Build {key: row.a})
MATCH (b:Commit {key: row.b})
MERGE (a)-[:BUILT_FROM]->(b)
