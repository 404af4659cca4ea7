// purpose: which of the given nodes pass a filter; repository looks at commits only, environment at deployments only
// params: ids, resolved, nameOnly, keyPrefix, repository, environment, valid, known, minTrust, now
// returns: ids, of those that pass
UNWIND $ids AS i
MATCH (x) WHERE id(x) = i
WITH x, i, labels(x)[0] AS label
WHERE ($resolved IS NULL OR (coalesce(x.resolved, false) OR label IN $nameOnly) = $resolved)
  AND ($keyPrefix IS NULL OR x.key STARTS WITH $keyPrefix)
  AND ($repository IS NULL OR label <> 'Commit' OR EXISTS {
    MATCH (x)-[r:IN_REPOSITORY]->(o) WHERE o.key = $repository AND CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END
  })
  AND ($environment IS NULL OR label <> 'Deployment' OR EXISTS {
    MATCH (x)-[r:TARGETS]->(o:Environment) WHERE (o.key = $environment OR o.name = $environment) AND CASE WHEN $now THEN r.endValid IS NULL ELSE r.knownFrom <= $known AND r.validFrom <= $valid AND CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END >= $minTrust AND (r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid)) END
  })
RETURN collect(i) AS ids
