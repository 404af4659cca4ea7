// purpose: the deployments that can be live now in some environments (by key or name; null = in any), or in the slots of those with
//   the given keys: of each slot what was started last, with the canaries since, or all where another one may be live after it,
//   because of equal times, a rollback since, or a canary before it that has not ended (what completes once more while it is live
//   ends none). Those that failed since, too, for that may be withdrawn; with $whole all of
//   these slots. What starts when, and what takes the slot: src/model/liveness.ts
// params: environments, keys, whole
// returns: id, label, properties, asked (false: only tells about the slot of others)
CALL () {
  MATCH (e:Environment)
  WHERE $keys IS NULL AND ($environments IS NULL OR e.key IN $environments OR e.name IN $environments)
  MATCH (d:Deployment)-[:TARGETS]->(e)
  RETURN d
UNION
  UNWIND $keys AS key
  MATCH (one:Deployment {key: key})
  CALL (one) {
    MATCH (place:Service {key: one.service}) RETURN place
  UNION
    MATCH (place:Environment {key: one.environment}) WHERE one.service IS NULL RETURN place
  }
  WITH DISTINCT place
  MATCH (place)<-[:TARGETS]-(d:Deployment)
  RETURN d
}
// few properties of each are read here: of most slots nothing matters that started before its newest completion
WITH d.environment AS environment, d.service AS service, d.instance AS instance, min(id(d)) AS slot, collect(d) AS mates, max(d.rolledBackAt) AS rolledBack,
  max(CASE WHEN NOT coalesce(d.parallel, false) THEN d.completedAt END) AS completed, count(CASE WHEN d.parallel THEN 1 END) AS canaries
WITH slot, mates, coalesce(rolledBack, -1) AS rolledBack, CASE
  WHEN completed IS NULL THEN mates
  ELSE [d IN mates WHERE d.completedAt >= completed OR d.createdAt >= completed OR (canaries > 0 AND coalesce(d.parallel, false))] END AS late
UNWIND late AS d
WITH CASE WHEN d.completedAt IS NULL AND d.phase IS NULL THEN d.createdBy END AS source, collect([d, slot, mates, rolledBack]) AS own
CALL (source) {
  // the first deployment whose completion the source of what was only created has reported
  OPTIONAL MATCH (o:Deployment) WHERE o.completedBy = source AND o.createdAt IS NOT NULL
  RETURN o.createdAt AS reporting ORDER BY o.completedBy, o.createdAt LIMIT 1
}
UNWIND own AS one
WITH one[0] AS d, one[1] AS slot, one[2] AS mates, one[3] AS rolledBack, reporting
WITH d, slot, mates, rolledBack, CASE
  WHEN d.completedAt IS NOT NULL THEN d.completedAt
  WHEN d.phase IS NOT NULL OR d.failedAt >= d.createdAt OR (reporting <= d.createdAt AND EXISTS { (d)-[:DEPLOYS]->() }) THEN null
  ELSE d.createdAt END AS started
WITH slot, head(collect(mates)) AS mates, max(rolledBack) AS rolledBack, collect({d: d, started: started}) AS late,
  max(CASE WHEN started IS NOT NULL AND NOT coalesce(d.parallel, false) THEN [started, id(d)] END) AS last,
  max(CASE WHEN started IS NOT NULL AND NOT coalesce(d.parallel, false) THEN [started, -id(d)] END) AS other,
  count(started) AS starts
WITH mates, late, last[0] AS taken, last[1] = -other[1] AS alone, rolledBack, starts
WHERE starts > 0 OR rolledBack >= 0 OR any(one IN late WHERE one.d.failedAt IS NOT NULL)
UNWIND CASE
  WHEN NOT $whole AND alone AND rolledBack < taken AND none(one IN late WHERE coalesce(one.d.parallel, false) AND coalesce(one.started < taken, false) AND (rolledBack >= 0 OR
    none(ended IN [one.d.removedAt, one.d.failedAt, one.d.rolledBackAt] WHERE coalesce(ended > one.started, false))))
    THEN [one IN late WHERE one.started >= taken OR (one.d.failedAt IS NOT NULL AND one.d.createdAt >= taken) | one.d]
  ELSE mates END AS d
RETURN id(d) AS id, 'Deployment' AS label, properties(d) AS properties, $keys IS NOT NULL OR EXISTS {
  MATCH (d)-[r:TARGETS]->(e:Environment)
  WHERE {{holdsNow}} AND ($environments IS NULL OR e.key IN $environments OR e.name IN $environments)
} AS asked
