// purpose: things by the words of their names, messages and summaries, best match first
// params: query, skip, limit
// returns: id, label, properties, score
CALL db.index.fulltext.queryNodes('search_names', $query, {skip: $skip, limit: $limit}) YIELD node, score
RETURN id(node) AS id, labels(node)[0] AS label, properties(node) AS properties, score
