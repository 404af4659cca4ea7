// purpose: the deployments that share a service, or an environment, with the given ones: those of their slots are among them
// params: keys
// returns: rows = lists of up to 1000 keys
UNWIND $keys AS key
MATCH (d:Deployment {key: key})
OPTIONAL MATCH (d)-[:TARGETS]->(s:Service)
WITH d, collect(DISTINCT s) AS services
OPTIONAL MATCH (d)-[:TARGETS]->(e:Environment)
WITH services, collect(DISTINCT e) AS environments
WITH CASE WHEN size(services) > 0 THEN services ELSE environments END AS places
UNWIND places AS place
WITH DISTINCT place
MATCH (place)<-[:TARGETS]-(mate:Deployment)
WITH collect(DISTINCT mate.key) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
