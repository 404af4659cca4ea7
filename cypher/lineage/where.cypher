// purpose: which of the given nodes pass a filter; repositories look at commits only, environments at deployments only
// params: ids, resolved, nameOnly, keyPrefix, repositories, environments, valid, known, minTrust, now
// returns: ids, of those that pass
UNWIND $ids AS i
MATCH (x) WHERE id(x) = i
WITH x, i, labels(x)[0] AS label
WHERE ($resolved IS NULL OR (coalesce(x.resolved, false) OR label IN $nameOnly) = $resolved)
  AND ($keyPrefix IS NULL OR x.key STARTS WITH $keyPrefix)
  AND ($repositories IS NULL OR label <> 'Commit' OR EXISTS {
    MATCH (x)-[r:IN_REPOSITORY]->(o) WHERE o.key IN $repositories AND {{holds}}
  })
  AND ($environments IS NULL OR label <> 'Deployment' OR EXISTS {
    MATCH (x)-[r:TARGETS]->(o:Environment) WHERE (o.key IN $environments OR o.name IN $environments) AND {{holds}}
  })
RETURN collect(i) AS ids
