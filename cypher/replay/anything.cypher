// purpose: whether a database is empty but for what a rebuild itself leaves there
// params: -
// returns: label of some node, if there is one
MATCH (n) WHERE NOT n:Replay AND NOT n:Migration AND NOT n:Rules
RETURN coalesce(labels(n)[0], '') AS label LIMIT 1
