// purpose: when the first of the deployments was created whose completion a source reported, as far as is known at a log number;
//   only its hundred oldest are looked at
// params: sources, known
// returns: source, since; no row for a source that has reported none
UNWIND $sources AS source
CALL (source) {
  MATCH (d:Deployment) WHERE d.completedBy = source AND d.createdAt IS NOT NULL
  WITH d ORDER BY d.completedBy, d.createdAt LIMIT 100
  MATCH (done:Event {subjectRef: 'Deployment:' + d.key})
  WHERE done.n > 0 AND done.n <= $known AND done.type = 'deployment.completed'
  WITH DISTINCT d
  MATCH (made:Event {subjectRef: 'Deployment:' + d.key})
  WHERE made.n > 0 AND made.n <= $known AND made.type = 'deployment.created'
  WITH d, max(made.at) AS createdAt
  RETURN min(createdAt) AS since
}
WITH source, since WHERE since IS NOT NULL
RETURN source, since
