// purpose: deployments that completed, failed or (where nothing says so) were created in a span of time, with the time of the newest commit in each
// params: since, until, environment, most
// returns: at, failed, rolledBack, committedAt (null where no commit is known)
CALL () {
  MATCH (e:Event) WHERE e.type = 'deployment.completed' AND e.at >= $since AND e.at < $until
  RETURN e.subjectRef AS ref LIMIT $most
  UNION
  MATCH (e:Event) WHERE e.type = 'deployment.failed' AND e.at >= $since AND e.at < $until
  RETURN e.subjectRef AS ref LIMIT $most
  UNION
  MATCH (e:Event) WHERE e.type = 'deployment.created' AND e.at >= $since AND e.at < $until
  RETURN e.subjectRef AS ref LIMIT $most
}
WITH ref LIMIT $most
MATCH (d:Deployment) WHERE d.key = substring(ref, size('Deployment:'))
WITH d, coalesce(d.completedAt, d.failedAt, d.createdAt) AS at
WHERE at >= $since AND at < $until
  AND ($environment IS NULL OR EXISTS {
    MATCH (d)-[t:TARGETS]->(target:Environment)
    WHERE t.validFrom IS NOT NULL AND t.endValid IS NULL
      AND (target.key = $environment OR target.key ENDS WITH '/' + $environment)
  })
OPTIONAL CALL (d) {
  MATCH (d)-[r:DEPLOYS]->(c:Commit)
  WHERE r.validFrom IS NOT NULL AND r.endValid IS NULL
  RETURN c
  UNION
  MATCH (d)-[r:DEPLOYS]->()-[h:RESOLVED_TO|PACKAGED_AS*0..1]->()-[g:GENERATED_BY]->(:Build)-[f:BUILT_FROM]->(c:Commit)
  WHERE all(e IN [r, g, f] + h WHERE e.validFrom IS NOT NULL AND e.endValid IS NULL)
  RETURN c
}
WITH d, at, max(coalesce(c.committedAt, c.authoredAt)) AS committedAt
RETURN at, d.failedAt IS NOT NULL AS failed, d.rolledBackAt IS NOT NULL AS rolledBack, committedAt
