// purpose: the rules under which the oldest part of a graph was written
// params: -
// returns: version (null where there is neither a note nor an event)
OPTIONAL MATCH (r:Rules {key: 'rules'})
RETURN coalesce(r.version, CASE WHEN EXISTS { MATCH (:Event) } THEN 1 END) AS version
