import type { NodeLabel } from './node.ts';

/**
 * How lineage treats an edge (design section 4): `derivation` edges are followed; `identity` hops are stored in both directions
 * and followed in either; `context` edges are shown beside a node and never walked through; `history` is walked on demand.
 */
export type EdgeRole = 'derivation' | 'identity' | 'context' | 'history';

type EdgeKind = {
  readonly role: EdgeRole;
  /** True where the key of the first end implies the edge, so that it holds at every time, whenever an event said so. */
  readonly timeless?: true;
  /** Each allowed pair of labels, from what was derived to what it was derived from. */
  readonly ends: readonly (readonly [from: NodeLabel, to: NodeLabel])[];
};

export const EDGE_KINDS = {
  DEPLOYS: {
    role: 'derivation',
    ends: [
      ['Deployment', 'Artifact'],
      ['Deployment', 'Resource'],
      ['Deployment', 'PackageVersion'],
      ['Deployment', 'Commit'],
    ],
  },
  GENERATED_BY: {
    role: 'derivation',
    ends: [
      ['Artifact', 'Build'],
      ['Resource', 'Build'],
      ['PackageVersion', 'Build'],
    ],
  },
  // A build that names only a package version of several files: it made one of them, and nobody says which.
  MAY_BE_GENERATED_BY: { role: 'context', ends: [['PackageVersion', 'Build']] },
  BUILT_FROM: { role: 'derivation', ends: [['Build', 'Commit']] },
  USED: {
    role: 'derivation',
    ends: [
      ['Build', 'Artifact'],
      ['Build', 'Resource'],
      ['Build', 'PackageVersion'],
    ],
  },
  CONTAINS: {
    role: 'derivation',
    ends: [
      ['Artifact', 'PackageVersion'],
      ['Artifact', 'Artifact'],
      ['PackageVersion', 'PackageVersion'],
      ['PackageVersion', 'Artifact'],
    ],
  },
  DERIVED_FROM: {
    role: 'derivation',
    ends: [
      ['Artifact', 'Artifact'],
      ['Artifact', 'Resource'],
      ['Resource', 'Artifact'],
      ['Resource', 'Resource'],
    ],
  },
  RESOLVED_TO: {
    role: 'derivation',
    ends: [
      ['Resource', 'Artifact'],
      ['Resource', 'Commit'],
    ],
  },
  PACKAGED_AS: {
    role: 'identity',
    ends: [
      ['Artifact', 'PackageVersion'],
      ['PackageVersion', 'Artifact'],
    ],
  },
  SAME_AS: {
    role: 'identity',
    ends: [
      ['Artifact', 'Artifact'],
      ['PackageVersion', 'PackageVersion'],
      ['Vulnerability', 'Vulnerability'],
    ],
  },
  // A digest that does not identify: weak, or of something else than the bytes.
  HAS_DIGEST: { role: 'context', ends: [['Artifact', 'Artifact']] },
  // One file of a package version that may have several.
  DISTRIBUTION_OF: { role: 'context', ends: [['Artifact', 'PackageVersion']] },
  // a commit id is the hash of an object that names the parents
  PARENT: { role: 'history', timeless: true, ends: [['Commit', 'Commit']] },
  DEPENDS_ON: { role: 'context', ends: [['PackageVersion', 'PackageVersion']] },
  // a fork or a patched copy: what an advisory says of the ancestor may be so of it, or no more
  DESCENDS_FROM: { role: 'context', ends: [['PackageVersion', 'PackageVersion']] },
  // a package URL with a version names the package
  VERSION_OF: { role: 'context', timeless: true, ends: [['PackageVersion', 'Package']] },
  RAN_ON: { role: 'context', ends: [['Build', 'Builder']] },
  PART_OF: {
    role: 'context',
    ends: [
      ['Build', 'Workflow'],
      ['Step', 'Workflow'],
    ],
  },
  TARGETS: {
    role: 'context',
    ends: [
      ['Deployment', 'Environment'],
      ['Deployment', 'Service'],
    ],
  },
  REPLACES: { role: 'context', ends: [['Deployment', 'Deployment']] },
  ATTESTS: {
    role: 'context',
    ends: [
      ['Attestation', 'Artifact'],
      ['Attestation', 'Commit'],
    ],
  },
  DESCRIBES: {
    role: 'context',
    ends: [
      ['Document', 'Artifact'],
      ['Document', 'PackageVersion'],
    ],
  },
  SIGNED_BY: {
    role: 'context',
    ends: [
      ['Attestation', 'Identity'],
      ['Artifact', 'Identity'],
    ],
  },
  AFFECTS: {
    role: 'context',
    ends: [
      ['Vulnerability', 'PackageVersion'],
      ['Vulnerability', 'Package'],
      ['Vulnerability', 'Artifact'],
      ['Vulnerability', 'Resource'],
    ],
  },
  // what advisories and VEX statements say, as they say it: compared when a question is asked (model/concern.ts)
  CONCERNS: {
    role: 'context',
    ends: [
      ['Vulnerability', 'Package'],
      ['Vulnerability', 'PackageVersion'],
      ['Vulnerability', 'Artifact'],
      ['Vulnerability', 'Resource'],
    ],
  },
  IN_REPOSITORY: { role: 'context', ends: [['Commit', 'Repository']] },
} as const satisfies Record<string, EdgeKind>;

export type EdgeType = keyof typeof EDGE_KINDS;

export const EDGE_TYPES = Object.keys(EDGE_KINDS) as EdgeType[]; // Object.keys loses the literal types

/** What lineage follows unless asked otherwise. */
export const LINEAGE_TYPES: readonly EdgeType[] = EDGE_TYPES.filter(
  (type) => EDGE_KINDS[type].role === 'derivation' || EDGE_KINDS[type].role === 'identity',
);

export const CONTEXT_TYPES: readonly EdgeType[] = EDGE_TYPES.filter(
  (type) => EDGE_KINDS[type].role === 'context',
);

/**
 * Context edges to a name that several things may have, such as a package version with many files. They are the first step of a
 * question that starts at the name, against their direction, and of no other.
 */
export const NAMING_TYPES = [
  'HAS_DIGEST',
  'DISTRIBUTION_OF',
] as const satisfies readonly EdgeType[];

/** Trust of a claim, worst first; stored as its rank, absent = UNVERIFIED (design section 4). */
export const TRUST_LEVELS = ['INVALID', 'UNVERIFIED', 'SIGNED', 'TRUSTED'] as const;
export type Trust = (typeof TRUST_LEVELS)[number];

/** The least time that JavaScript has, in ms since the epoch: from when on an edge holds that does not depend on time. */
export const ALWAYS = -8_640_000_000_000_000;

/** From when on a claim holds whose event, or document, speaks of the time `said`; in ms since the epoch. */
export function validFromOf(type: EdgeType, said: number): number {
  const kind: EdgeKind = EDGE_KINDS[type];
  return kind.timeless === true ? ALWAYS : said;
}
