// purpose: things of one label whose key lies in a range (all that begin with a prefix), by key
// params: label, from, to, limit
// returns: id, label, properties
CALL () {
  WITH 1 AS one WHERE $label = 'Commit'
  MATCH (n:Commit) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'Artifact'
  MATCH (n:Artifact) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'PackageVersion'
  MATCH (n:PackageVersion) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'Package'
  MATCH (n:Package) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'Vulnerability'
  MATCH (n:Vulnerability) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'Build'
  MATCH (n:Build) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'Repository'
  MATCH (n:Repository) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'Resource'
  MATCH (n:Resource) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
  UNION ALL
  WITH 1 AS one WHERE $label = 'Deployment'
  MATCH (n:Deployment) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit
}
RETURN id(n) AS id, $label AS label, properties(n) AS properties
ORDER BY n.key
