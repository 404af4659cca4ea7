// purpose: the given nodes with their properties
// params: ids
// returns: rows = lists of up to 1000 [internal id, label, key, 0, properties]
UNWIND $ids AS i
MATCH (n) WHERE id(n) = i
WITH collect([id(n), labels(n)[0], n.key, 0, properties(n)]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
