// purpose: everything that was deployed where something was brought back since a moment, so that it can be told what was undone;
//   canaries, deployments of nothing and what only waits are left out;
//   `standing` has by key what stands of the lives of those of which something was withdrawn, or that are not now what they were at the
//   moment of the question
// params: since, environments, standing, isNow, valid, known
// returns: rows = lists of up to 1000 [key, environment, service, instance, at, whether it brings back what ran before, whether it failed]
MATCH (back:Deployment) WHERE back.rollback = true
WITH back, coalesce($standing[back.key], properties(back)) AS p
WHERE p.rollback AND coalesce(p.completedAt, p.failedAt, p.createdAt) >= $since
  AND ($environments IS NULL OR EXISTS {
    MATCH (e:Environment {key: back.environment}) WHERE e.key IN $environments OR e.name IN $environments
  })
WITH DISTINCT back.environment AS environment
MATCH (:Environment {key: environment})<-[:TARGETS]-(d:Deployment)
WHERE d.environment = environment AND NOT coalesce(d.parallel, false) AND EXISTS { (d)-[:DEPLOYS]->() }
WITH DISTINCT d
WITH d, coalesce($standing[d.key], properties(d)) AS p
WHERE p.completedAt IS NOT NULL OR p.failedAt IS NOT NULL OR (p.createdAt IS NOT NULL AND p.phase IS NULL AND NOT EXISTS {
  MATCH (o:Deployment) WHERE o.completedBy = p.createdBy AND o.createdAt <= p.createdAt
    AND ($isNow OR EXISTS {
      MATCH (e:Event) WHERE e.subjectRef = 'Deployment:' + o.key AND e.n <= $known AND e.type = 'deployment.completed' AND e.at <= $valid
    })
})
WITH collect([d.key, d.environment, d.service, d.instance, coalesce(p.completedAt, p.failedAt, p.createdAt),
  coalesce(p.rollback, false), p.failedAt IS NOT NULL AND coalesce(p.failedAt >= p.completedAt, true)]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
