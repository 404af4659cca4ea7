// purpose: a shortest upstream way from one node to another over edges that hold, through the history of commits
// params: from, to, valid, known, minTrust, now
// returns: hops = [from, to, type] in the order of the way; no row where there is none
MATCH (a) WHERE id(a) = $from
MATCH (b) WHERE id(b) = $to
MATCH p = shortestPath((a)-[:DEPLOYS|GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|PARENT*1..100000]->(b))
WHERE all(r IN relationships(p) WHERE CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END)
RETURN [r IN relationships(p) | [id(startNode(r)), id(endNode(r)), type(r)]] AS hops
