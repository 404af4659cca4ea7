// purpose: the event after a key, to find sources without reading the log
// params: after
// returns: key, source; no row where it is the last
MATCH (e:Event) WHERE e.key > $after
RETURN e.key AS key, e.source AS source ORDER BY key LIMIT 1
