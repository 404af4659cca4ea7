// purpose: how many nodes of each label there are, from the count store
// params: -
// returns: label, count
MATCH (n:Commit) WITH count(n) AS count RETURN 'Commit' AS label, count
UNION ALL
MATCH (n:Repository) WITH count(n) AS count RETURN 'Repository' AS label, count
UNION ALL
MATCH (n:Build) WITH count(n) AS count RETURN 'Build' AS label, count
UNION ALL
MATCH (n:Builder) WITH count(n) AS count RETURN 'Builder' AS label, count
UNION ALL
MATCH (n:Artifact) WITH count(n) AS count RETURN 'Artifact' AS label, count
UNION ALL
MATCH (n:Resource) WITH count(n) AS count RETURN 'Resource' AS label, count
UNION ALL
MATCH (n:Package) WITH count(n) AS count RETURN 'Package' AS label, count
UNION ALL
MATCH (n:PackageVersion) WITH count(n) AS count RETURN 'PackageVersion' AS label, count
UNION ALL
MATCH (n:Deployment) WITH count(n) AS count RETURN 'Deployment' AS label, count
UNION ALL
MATCH (n:Workflow) WITH count(n) AS count RETURN 'Workflow' AS label, count
UNION ALL
MATCH (n:Step) WITH count(n) AS count RETURN 'Step' AS label, count
UNION ALL
MATCH (n:Environment) WITH count(n) AS count RETURN 'Environment' AS label, count
UNION ALL
MATCH (n:Service) WITH count(n) AS count RETURN 'Service' AS label, count
UNION ALL
MATCH (n:Attestation) WITH count(n) AS count RETURN 'Attestation' AS label, count
UNION ALL
MATCH (n:Document) WITH count(n) AS count RETURN 'Document' AS label, count
UNION ALL
MATCH (n:Identity) WITH count(n) AS count RETURN 'Identity' AS label, count
UNION ALL
MATCH (n:Vulnerability) WITH count(n) AS count RETURN 'Vulnerability' AS label, count
UNION ALL
MATCH (n:Agent) WITH count(n) AS count RETURN 'Agent' AS label, count
UNION ALL
MATCH (n:Event) WITH count(n) AS count RETURN 'Event' AS label, count
