// purpose: whether downstream lineage goes on from any of the deepest nodes to one that is not known, through the history of commits
// params: ids, known
// returns: beyond, true; no row where it ends here
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a)<-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT]-(b)
WHERE r.validFrom IS NOT NULL AND r.endValid IS NULL AND NOT id(b) IN $known
RETURN true AS beyond
LIMIT 1
