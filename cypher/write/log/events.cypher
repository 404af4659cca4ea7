// purpose: appends events to the log; the first copy of an event stays as it is
// params: rows
// returns: n, first, contentHash of every event whose identity was there before with another log number
UNWIND $rows AS row
MERGE (e:Event {key: row.key})
ON CREATE SET e += row.p
WITH e, row WHERE e.n <> row.p.n
RETURN row.p.n AS n, e.n AS first, e.contentHash AS contentHash
