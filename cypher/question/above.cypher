// purpose: what the given nodes were derived from, one step away, by number alone, as it held at a moment
// params: ids, types, valid, known
// returns: rows = lists of up to 100 [node, what it was derived from]
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
MATCH (a)-[r:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT]->(b)
WHERE type(r) IN $types AND {{held}}
WITH a, collect(DISTINCT id(b)) AS ups
WITH collect([id(a), ups]) AS rows
UNWIND range(0, size(rows) - 1, 100) AS at
RETURN rows[at..at + 100] AS rows
