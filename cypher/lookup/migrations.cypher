// purpose: which files of cypher/schema have been applied
// params: -
// returns: key
MATCH (m:Migration) RETURN m.key AS key LIMIT 10000
