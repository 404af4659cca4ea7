// purpose: remembers that whole claims have ended, for edges that arrive later; those of events (a source, a space, an id) are marked
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (w:Withdrawal {key: row.key})
SET w.key = row.key // takes the lock before the list is read
WITH w, row WHERE NOT row.by IN coalesce(w.endBy, [])
SET w.endValid = coalesce(w.endValid, []) + row.v,
    w.endKnown = coalesce(w.endKnown, []) + row.k,
    w.endBy = coalesce(w.endBy, []) + row.by,
    w.ofEvent = CASE WHEN row.key CONTAINS ' ' THEN true END
