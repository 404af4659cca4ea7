// purpose: how many of `$examined` things of each label were never stated
// params: examined
// returns: label, examined, unresolved
CALL () {
  MATCH (n:Commit) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Commit' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Build) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Build' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Artifact) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Artifact' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Resource) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Resource' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:PackageVersion) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'PackageVersion' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Deployment) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Deployment' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Workflow) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Workflow' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Step) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Step' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Attestation) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Attestation' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Document) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Document' AS label, examined, unresolved
UNION ALL
CALL () {
  MATCH (n:Vulnerability) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN 'Vulnerability' AS label, examined, unresolved
