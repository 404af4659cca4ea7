// purpose: repositories, builders, signers and agents by the words of their keys, best match first
// params: query, skip, limit
// returns: id, label, properties, score
CALL db.index.fulltext.queryNodes('search_keys', $query, {skip: $skip, limit: $limit}) YIELD node, score
RETURN id(node) AS id, labels(node)[0] AS label, properties(node) AS properties, score
