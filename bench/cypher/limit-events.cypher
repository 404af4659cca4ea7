// purpose: the plain write that ingest is compared with: log entries
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:Event {key: row.key}) ON CREATE SET n += row.p
