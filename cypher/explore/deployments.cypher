// purpose: deployments that completed, failed or (where no completion is to be expected, see src/model/liveness.ts) were created in a
//   span of time, with the time of the newest commit in each; a deployment of nothing is not one;
//   `standing` has by key what stands of the lives of those of which something was withdrawn, or that are not now what they were at the
//   moment of the question
// params: since, until, environments, most, standing, isNow, valid, known
// returns: key, at, failed, rolledBack, rollback, committedAt (null where no commit is known, or where an earlier deployment to the same
//   environment and service had it already, itself or in one of the commits after it)
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
WITH d, coalesce($standing[d.key], d {.createdAt, .createdBy, .completedAt, .failedAt, .rolledBackAt, .phase, .rollback, .environment, .service}) AS p
WITH d, p, coalesce(p.completedAt, p.failedAt, p.createdAt) AS at
WHERE at >= $since AND at < $until
  AND (p.createdAt IS NULL OR EXISTS { (d)-[:DEPLOYS]->() })
  AND ($environments IS NULL OR EXISTS {
    MATCH (d)-[r:TARGETS]->(target:Environment)
    WHERE {{held}}
      AND any(name IN $environments WHERE target.key = name OR target.key ENDS WITH '/' + name)
  })
WITH CASE WHEN p.completedAt IS NULL AND p.failedAt IS NULL THEN p.createdBy END AS source, collect([d, at, p]) AS own
CALL (source) {
  // the first deployment whose completion the source of what was only created has reported
  OPTIONAL MATCH (o:Deployment) WHERE o.completedBy = source AND o.createdAt IS NOT NULL
    AND ($isNow OR EXISTS {
      MATCH (e:Event) WHERE e.subjectRef = 'Deployment:' + o.key AND e.n <= $known AND e.type = 'deployment.completed' AND e.at <= $valid
    })
  RETURN o.createdAt AS reporting ORDER BY o.completedBy, o.createdAt LIMIT 1
}
UNWIND own AS one
WITH one[0] AS d, one[1] AS at, one[2] AS p, reporting
WHERE p.completedAt IS NOT NULL OR p.failedAt IS NOT NULL OR (p.phase IS NULL AND NOT coalesce(reporting <= p.createdAt, false))
OPTIONAL CALL (d) {
  MATCH (d)-[r:DEPLOYS]->(c:Commit)
  WHERE {{held}}
  RETURN c
  UNION
  MATCH (d)-[r:DEPLOYS]->()-[h:PACKAGED_AS*0..1]->()-[g:GENERATED_BY]->(:Build)-[f:BUILT_FROM]->(c:Commit)
  WHERE all(hop IN [r, g, f] + h WHERE {{held of hop}})
  RETURN c
  UNION
  // what the tag resolved to when it was deployed, as src/questions/walk.ts has it
  MATCH (d)-[r:DEPLOYS]->(t:Resource)-[h:RESOLVED_TO]->(a)
  WHERE {{held}} AND {{held of h}} AND NOT EXISTS {
    MATCH (t)-[o:RESOLVED_TO]->()
    WHERE {{held of o}} AND CASE
      WHEN o.validFrom <= r.validFrom THEN h.validFrom > r.validFrom OR h.validFrom < o.validFrom
      ELSE h.validFrom > o.validFrom END
  }
  MATCH (a)-[i:PACKAGED_AS*0..1]->()-[g:GENERATED_BY]->(:Build)-[f:BUILT_FROM]->(c:Commit)
  WHERE all(hop IN [g, f] + i WHERE {{held of hop}})
  RETURN c
}
// a commit of which nobody had told has no time
WITH d, at, p, c, CASE
  WHEN $isNow OR EXISTS { MATCH (e:Event) WHERE e.subjectRef = 'Commit:' + c.key AND e.n <= $known }
  THEN coalesce(c.committedAt, c.authoredAt) END AS made
ORDER BY coalesce(made, -1) DESC
WITH d, at, p, head(collect([c, made])) AS newest
WITH d, at, p, newest[0] AS newest, newest[1] AS made
WITH d, at, p, newest, made, p.failedAt IS NOT NULL AND coalesce(p.failedAt >= p.completedAt, true) AS failed
OPTIONAL CALL (d, at, p, newest) {
  CALL (newest, at) {
    RETURN newest AS shipped
    UNION
    // what was made after it contains it: nothing that was made later than the deployment can have been deployed before
    MATCH history = (newest)<-[:PARENT*1..100]-(shipped)
    WHERE all(one IN nodes(history) WHERE one = newest OR coalesce(one.committedAt, one.authoredAt) < at)
    RETURN DISTINCT shipped
  }
  CALL (shipped) {
    MATCH (shipped)<-[r:DEPLOYS]-(o:Deployment)
    WHERE {{held}}
    RETURN o
    UNION
    MATCH (shipped)<-[f:BUILT_FROM]-(:Build)<-[g:GENERATED_BY]-()<-[h:PACKAGED_AS*0..1]-()<-[r:DEPLOYS]-(o:Deployment)
    WHERE all(hop IN [r, g, f] + h WHERE {{held of hop}})
    RETURN o
    UNION
    MATCH (shipped)<-[f:BUILT_FROM]-(:Build)<-[g:GENERATED_BY]-()<-[i:PACKAGED_AS*0..1]-(a)<-[h:RESOLVED_TO]-(t:Resource)<-[r:DEPLOYS]-(o:Deployment)
    WHERE all(hop IN [r, h, g, f] + i WHERE {{held of hop}}) AND NOT EXISTS {
      MATCH (t)-[p:RESOLVED_TO]->()
      WHERE {{held of p}} AND CASE
        WHEN p.validFrom <= r.validFrom THEN h.validFrom > r.validFrom OR h.validFrom < p.validFrom
        ELSE h.validFrom > p.validFrom END
    }
    RETURN o
  }
  WITH d, at, p, o WHERE o <> d
  WITH d, at, p, o, coalesce($standing[o.key], o {.createdAt, .completedAt, .failedAt, .phase, .environment, .service}) AS q
  WHERE coalesce(q.environment, o.environment) = coalesce(p.environment, d.environment)
    AND coalesce(q.service, o.service, '') = coalesce(p.service, d.service, '')
    AND coalesce(q.completedAt, CASE WHEN q.failedAt IS NULL AND q.phase IS NULL THEN q.createdAt END) < at
  RETURN true AS before LIMIT 1
}
RETURN d.key AS key, at, failed, p.rolledBackAt IS NOT NULL AS rolledBack, coalesce(p.rollback, false) AS rollback,
  CASE WHEN before IS NULL THEN made END AS committedAt
