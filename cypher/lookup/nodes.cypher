// purpose: nodes of every label by key
// params: Commit, Repository, Build, Builder, Artifact, Resource, Package, PackageVersion, Deployment, Workflow, Step, Environment, Service, Attestation, Document, Identity, Vulnerability, Agent
// returns: id, label, properties
MATCH (n:Commit) WHERE n.key IN $Commit
RETURN id(n) AS id, 'Commit' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Repository) WHERE n.key IN $Repository
RETURN id(n) AS id, 'Repository' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Build) WHERE n.key IN $Build
RETURN id(n) AS id, 'Build' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Builder) WHERE n.key IN $Builder
RETURN id(n) AS id, 'Builder' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Artifact) WHERE n.key IN $Artifact
RETURN id(n) AS id, 'Artifact' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Resource) WHERE n.key IN $Resource
RETURN id(n) AS id, 'Resource' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Package) WHERE n.key IN $Package
RETURN id(n) AS id, 'Package' AS label, properties(n) AS properties
UNION ALL
MATCH (n:PackageVersion) WHERE n.key IN $PackageVersion
RETURN id(n) AS id, 'PackageVersion' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Deployment) WHERE n.key IN $Deployment
RETURN id(n) AS id, 'Deployment' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Workflow) WHERE n.key IN $Workflow
RETURN id(n) AS id, 'Workflow' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Step) WHERE n.key IN $Step
RETURN id(n) AS id, 'Step' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Environment) WHERE n.key IN $Environment
RETURN id(n) AS id, 'Environment' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Service) WHERE n.key IN $Service
RETURN id(n) AS id, 'Service' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Attestation) WHERE n.key IN $Attestation
RETURN id(n) AS id, 'Attestation' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Document) WHERE n.key IN $Document
RETURN id(n) AS id, 'Document' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Identity) WHERE n.key IN $Identity
RETURN id(n) AS id, 'Identity' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Vulnerability) WHERE n.key IN $Vulnerability
RETURN id(n) AS id, 'Vulnerability' AS label, properties(n) AS properties
UNION ALL
MATCH (n:Agent) WHERE n.key IN $Agent
RETURN id(n) AS id, 'Agent' AS label, properties(n) AS properties
