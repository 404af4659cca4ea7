// purpose: a shortest upstream way from one node to another over edges that hold, over edges of the given types only
// params: from, to, valid, known, minTrust, now, types
// returns: hops = [from, to, type] in the order of the way; no row where there is none
MATCH (a) WHERE id(a) = $from
MATCH (b) WHERE id(b) = $to
MATCH p = shortestPath((a)-[:DEPLOYS|GENERATED_BY|MAY_BE_GENERATED_BY|BUILT_FROM|USED|CONTAINS|DERIVED_FROM|RESOLVED_TO|PACKAGED_AS|SAME_AS|HAS_DIGEST|DISTRIBUTION_OF|PARENT|DEPENDS_ON|DESCENDS_FROM|VERSION_OF|RAN_ON|PART_OF|TARGETS|REPLACES|ATTESTS|DESCRIBES|SIGNED_BY|AFFECTS|CONCERNS|IN_REPOSITORY*1..100000]->(b))
WHERE all(r IN relationships(p) WHERE type(r) IN $types AND CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END AND (startNode(r).endValid IS NULL OR none(e IN range(0, size(startNode(r).endValid) - 1) WHERE startNode(r).endKnown[e] <= $known AND startNode(r).endValid[e] <= $valid AND startNode(r).endValid[e] >= r.validFrom)))
RETURN [r IN relationships(p) | [id(startNode(r)), id(endNode(r)), type(r)]] AS hops
