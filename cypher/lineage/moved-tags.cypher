// purpose: which of the given nodes have resolved to several things, and when to which
// params: ids, valid, known, minTrust, now
// returns: tag, resolutions = [internal id, since when], one for each claim
UNWIND $ids AS i
MATCH (t) WHERE id(t) = i
MATCH (t)-[r:RESOLVED_TO]->(x)
WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END
WITH i, collect([id(x), r.validFrom]) AS resolutions, count(DISTINCT x) AS targets
WHERE targets > 1
RETURN i AS tag, resolutions
