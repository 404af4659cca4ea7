// purpose: notes in a graph that holds no event the rules under which it will be written; a graph with events and without a note is of version 1
// params: version
// returns: version
WITH CASE WHEN EXISTS { MATCH (:Event) } THEN 1 ELSE toInteger($version) END AS version
MERGE (r:Rules {key: 'rules'})
ON CREATE SET r.version = version
RETURN r.version AS version
