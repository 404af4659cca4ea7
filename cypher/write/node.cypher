// purpose: states facets of {{label}} nodes; a facet is replaced by a greater stamp only
// variants: label
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:{{label}} {key: row.key})
// takes the lock of a node that would change, and looks again: of two writers the one with the smaller stamp could come last
FOREACH (x IN CASE WHEN any(f IN row.f WHERE n[f.s] IS NULL OR n[f.s] < f.v) THEN [1] ELSE [] END | SET n.key = row.key)
FOREACH (f IN [f IN row.f WHERE n[f.s] IS NULL OR n[f.s] < f.v] | SET n += f.p)
