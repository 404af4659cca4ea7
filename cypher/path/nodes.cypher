// purpose: nodes by internal number
// params: ids
// returns: id, label, properties
UNWIND $ids AS i
MATCH (x) WHERE id(x) = i
RETURN i AS id, labels(x)[0] AS label, properties(x) AS properties
