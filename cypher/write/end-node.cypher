// purpose: ends every earlier claim of {{label}} nodes, such as those of a withdrawn advisory
// variants: endedLabel
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (n:{{label}} {key: row.key})
SET n.key = row.key // takes the lock before the list is read
WITH n, row WHERE NOT row.by IN coalesce(n.endBy, [])
SET n.endValid = coalesce(n.endValid, []) + row.v,
    n.endKnown = coalesce(n.endKnown, []) + row.k,
    n.endBy = coalesce(n.endBy, []) + row.by
