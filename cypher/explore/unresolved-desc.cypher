// purpose: what is referred to and was never stated, among the next `$examined` things of one label by key, backwards
// params: label, position, examined, limit
// returns: rows = [[id, label, properties]], examined = how many were looked at, last = key of the last of them
CALL () {
  WITH 1 AS one WHERE $label = 'Commit'
  MATCH (n:Commit) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Build'
  MATCH (n:Build) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Artifact'
  MATCH (n:Artifact) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Resource'
  MATCH (n:Resource) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'PackageVersion'
  MATCH (n:PackageVersion) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Deployment'
  MATCH (n:Deployment) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Workflow'
  MATCH (n:Workflow) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Step'
  MATCH (n:Step) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Attestation'
  MATCH (n:Attestation) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Document'
  MATCH (n:Document) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
  UNION ALL
  WITH 1 AS one WHERE $label = 'Vulnerability'
  MATCH (n:Vulnerability) WHERE n.key < $position
  WITH n ORDER BY n.key DESC LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, min(n.key) AS last
}
WITH found, examined, last WHERE examined > 0 // the other branches counted nothing
RETURN [n IN found | [id(n), $label, properties(n)]] AS rows, examined, last
