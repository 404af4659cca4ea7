// purpose: properties of nodes
// params: ids
// returns: rows = lists of up to 1000 [internal id, label, key, 0, properties]
UNWIND $ids AS i
MATCH (x) WHERE id(x) = i
WITH collect([i, labels(x)[0], x.key, 0, properties(x)]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
