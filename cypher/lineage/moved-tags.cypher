// purpose: which of the given nodes have resolved to several things, and when to which
// params: ids, valid, known, minTrust, now
// returns: tag, resolutions = [internal id, since when], one for each claim
UNWIND $ids AS i
MATCH (t) WHERE id(t) = i
MATCH (t)-[r:RESOLVED_TO]->(x)
WHERE {{holds}}
WITH i, collect([id(x), r.validFrom]) AS resolutions, count(DISTINCT x) AS targets
WHERE targets > 1
RETURN i AS tag, resolutions
