// purpose: the event before a key, to find sources without reading the log
// params: before
// returns: key, source; no row where it is the first
MATCH (e:Event) WHERE e.key < $before
RETURN e.key AS key, e.source AS source ORDER BY key DESC LIMIT 1
