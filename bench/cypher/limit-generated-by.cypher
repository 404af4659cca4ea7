// purpose: the plain write that ingest is compared with: artifacts of builds
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:Artifact {key: row.a})
MATCH (b:Build {key: row.b})
MERGE (a)-[:GENERATED_BY]->(b)
