// purpose: the ends of builds, and what became of deployments, in a stretch of the log, in its order; a deployment with the time of the
//   newest commit in it
// params: types, after, until, limit
// returns: n, type, at, outcome (null for deployments), environment (null for builds), committedAt (null where no commit with a time is
//   known, where the deployment brings back what ran before, or where an earlier one to the same place had the same in it)
UNWIND $types AS type
MATCH (e:Event) WHERE e.type = type AND e.n > $after AND e.n <= $until
WITH e ORDER BY e.n LIMIT $limit
OPTIONAL MATCH (d:Deployment) WHERE e.subjectRef STARTS WITH 'Deployment:' AND d.key = substring(e.subjectRef, size('Deployment:'))
OPTIONAL CALL (d) {
  MATCH (d)-[:TARGETS]->(x:Environment)
  RETURN coalesce(x.name, x.key) AS environment ORDER BY x.key LIMIT 1
}
OPTIONAL CALL (d, e) {
  WITH d, e WHERE NOT coalesce(d.rollback, false) AND e.type IN ['deployment.created', 'deployment.completed'] AND NOT EXISTS {
    MATCH (d)-[:DEPLOYS]->()<-[:DEPLOYS]-(o:Deployment)
    WHERE o <> d AND o.environment = d.environment AND coalesce(o.service, '') = coalesce(d.service, '')
      AND coalesce(o.createdAt, o.completedAt) < coalesce(d.createdAt, e.at)
  }
  CALL (d) {
    MATCH (d)-[:DEPLOYS]->(c:Commit)
    RETURN c
    UNION
    MATCH (d)-[:DEPLOYS]->()-[:PACKAGED_AS*0..1]->()-[:GENERATED_BY]->(:Build)-[:BUILT_FROM]->(c:Commit)
    RETURN c
  }
  RETURN max(coalesce(c.committedAt, c.authoredAt)) AS committedAt
}
RETURN e.n AS n, e.type AS type, e.at AS at, e.outcome AS outcome, environment, committedAt
ORDER BY n
