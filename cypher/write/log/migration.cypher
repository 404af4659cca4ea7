// purpose: records that a file of cypher/schema has been applied
// params: key
// returns: -
MERGE (m:Migration {key: $key}) ON CREATE SET m.appliedAt = timestamp()
