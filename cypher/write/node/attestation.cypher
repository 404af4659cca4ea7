// purpose: states facets of Attestation nodes; a facet is replaced by a greater stamp only
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:Attestation {key: row.key})
FOREACH (f IN [f IN row.f WHERE n[f.s] IS NULL OR n[f.s] < f.v] | SET n += f.p)
