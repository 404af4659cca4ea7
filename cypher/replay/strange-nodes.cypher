// purpose: nodes of labels that nothing here writes
// params: labels, limit
// returns: labels, key
MATCH (n) WHERE size(labels(n)) <> 1 OR NOT labels(n)[0] IN $labels
RETURN labels(n) AS labels, toStringOrNull(n.key) AS key LIMIT $limit
