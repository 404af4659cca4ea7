// purpose: artifacts whose digest begins with a prefix
// params: prefix, limit
// returns: id, label, properties
MATCH (n:Artifact) WHERE n.key STARTS WITH $prefix
RETURN id(n) AS id, 'Artifact' AS label, properties(n) AS properties
LIMIT $limit
