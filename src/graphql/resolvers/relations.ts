import type { EdgeType } from '../../model/edge.ts';
import type { NodeLabel } from '../../model/node.ts';

/** A field that leads to neighbours. */
export type Relation = {
  readonly type: EdgeType;
  readonly direction: 'OUT' | 'IN';
  /** Only neighbours of this label; null = any. */
  readonly label: NodeLabel | null;
  /** True where the field is one thing, the first by key, instead of a list. */
  readonly one: boolean;
};

const out = (type: EdgeType, label: NodeLabel | null = null): Relation => ({
  ...{ type, label },
  direction: 'OUT',
  one: false,
});
const into = (type: EdgeType, label: NodeLabel | null = null): Relation => ({
  ...out(type, label),
  direction: 'IN',
});
const one = (relation: Relation): Relation => ({ ...relation, one: true });

const builds = out('GENERATED_BY', 'Build');
const usedBy = into('USED', 'Build');
const deployments = into('DEPLOYS', 'Deployment');
const documents = into('DESCRIBES', 'Document');
const vulnerabilities = into('AFFECTS', 'Vulnerability');
const signers = out('SIGNED_BY', 'Identity');

/** Type → field → where it leads. A new relation is a line here and a field in schema.graphql. */
export const RELATIONS: Readonly<Record<NodeLabel, Readonly<Record<string, Relation>>>> = {
  Commit: {
    repository: one(out('IN_REPOSITORY', 'Repository')),
    repositories: out('IN_REPOSITORY', 'Repository'),
    parents: out('PARENT', 'Commit'),
    children: into('PARENT', 'Commit'),
    tags: into('RESOLVED_TO', 'Resource'),
    builds: into('BUILT_FROM', 'Build'),
    attestations: into('ATTESTS', 'Attestation'),
  },
  Repository: { commits: into('IN_REPOSITORY', 'Commit') },
  Build: {
    commits: out('BUILT_FROM', 'Commit'),
    artifacts: into('GENERATED_BY', 'Artifact'),
    possibleVersions: into('MAY_BE_GENERATED_BY', 'PackageVersion'),
    materials: out('USED'),
    builder: one(out('RAN_ON', 'Builder')),
    workflow: one(out('PART_OF', 'Workflow')),
  },
  Builder: { builds: into('RAN_ON', 'Build') },
  Artifact: {
    ...{ builds, usedBy, deployments, documents, vulnerabilities, signers },
    contains: out('CONTAINS'),
    containedIn: into('CONTAINS'),
    derivedFrom: out('DERIVED_FROM'),
    derivatives: into('DERIVED_FROM'),
    packages: out('PACKAGED_AS', 'PackageVersion'),
    distributionOf: out('DISTRIBUTION_OF', 'PackageVersion'),
    digests: out('HAS_DIGEST', 'Artifact'),
    digestOf: into('HAS_DIGEST', 'Artifact'),
    aliases: out('SAME_AS', 'Artifact'),
    locations: into('RESOLVED_TO', 'Resource'),
    attestations: into('ATTESTS', 'Attestation'),
  },
  Resource: {
    ...{ builds, usedBy, deployments },
    resolvesTo: out('RESOLVED_TO'),
    derivedFrom: out('DERIVED_FROM'),
    derivatives: into('DERIVED_FROM'),
  },
  Package: { versions: into('VERSION_OF', 'PackageVersion') },
  PackageVersion: {
    ...{ builds, usedBy, deployments, documents, vulnerabilities },
    possibleBuilds: out('MAY_BE_GENERATED_BY', 'Build'),
    package: one(out('VERSION_OF', 'Package')),
    dependencies: out('DEPENDS_ON', 'PackageVersion'),
    dependents: into('DEPENDS_ON', 'PackageVersion'),
    contains: out('CONTAINS'),
    containedIn: into('CONTAINS'),
    artifacts: out('PACKAGED_AS', 'Artifact'),
    distributions: into('DISTRIBUTION_OF', 'Artifact'),
    aliases: out('SAME_AS', 'PackageVersion'),
  },
  Deployment: {
    artifacts: out('DEPLOYS', 'Artifact'),
    deploys: out('DEPLOYS'),
    environment: one(out('TARGETS', 'Environment')),
    service: one(out('TARGETS', 'Service')),
    replaces: out('REPLACES', 'Deployment'),
    replacedBy: into('REPLACES', 'Deployment'),
  },
  Workflow: { builds: into('PART_OF', 'Build'), steps: into('PART_OF', 'Step') },
  Step: { workflow: one(out('PART_OF', 'Workflow')) },
  Environment: { deployments: into('TARGETS', 'Deployment') },
  Service: { deployments: into('TARGETS', 'Deployment') },
  Attestation: { subjects: out('ATTESTS'), signers },
  Document: { describes: out('DESCRIBES') },
  Identity: {
    attestations: into('SIGNED_BY', 'Attestation'),
    artifacts: into('SIGNED_BY', 'Artifact'),
  },
  Vulnerability: {
    affects: out('AFFECTS'),
    aliases: out('SAME_AS', 'Vulnerability'),
  },
  Agent: {},
};
