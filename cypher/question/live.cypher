// purpose: the deployments that can be live now in some environments (by key or name; null = in any), or in the slots of those with
//   the given keys: of each slot what was started last, or all where another one may be live beside it or after it, because of
//   equal times, a canary, or a rollback since
// params: environments, keys
// returns: id, label, properties
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
WITH d, CASE
  WHEN d.completedAt IS NOT NULL THEN d.completedAt
  WHEN d.failedAt >= d.createdAt THEN null
  ELSE d.createdAt END AS started
WITH d.environment AS environment, d.service AS service, d.instance AS instance, collect(d) AS all,
  max(CASE WHEN started IS NOT NULL THEN [started, id(d)] END) AS last,
  max(CASE WHEN started IS NOT NULL THEN [started, -id(d)] END) AS other,
  max(d.rolledBackAt) AS rolledBack
WITH all, last[0] AS started, last[1] = -other[1] AS alone, coalesce(rolledBack, -1) AS rolledBack,
  [d IN all WHERE id(d) = last[1]] AS top
WHERE started IS NOT NULL OR rolledBack >= 0
UNWIND CASE WHEN alone AND rolledBack < started AND NOT coalesce(top[0].parallel, false) THEN top ELSE all END AS d
WITH d
WHERE $keys IS NOT NULL OR EXISTS {
  MATCH (d)-[r:TARGETS]->(e:Environment)
  WHERE r.endValid IS NULL AND ($environments IS NULL OR e.key IN $environments OR e.name IN $environments)
}
RETURN id(d) AS id, 'Deployment' AS label, properties(d) AS properties
