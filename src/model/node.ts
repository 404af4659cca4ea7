/**
 * The labels of the graph and the facets of each. A facet is a group of properties that are always stated together: it carries
 * one stamp, and only a greater stamp replaces it (design section 4). Each property belongs to exactly one facet. What producers
 * state independently of each other is a facet of its own, so that a later event which is silent about it does not erase it.
 */
export const NODE_FACETS = {
  Commit: {
    message: ['message'],
    author: ['authorName', 'authorEmail'],
    authored: ['authoredAt', 'authoredAtText'],
    committer: ['committerName', 'committerEmail', 'committedAt', 'committedAtText'],
    link: ['url'],
    change: ['changeUrl', 'changeTitle', 'mergedAt'],
  },
  // `host/number`: one repository under several names has one number
  Repository: { link: ['url'], identity: ['hostId'] },
  Build: {
    name: ['name'],
    link: ['url'],
    type: ['buildType'],
    trigger: ['trigger'],
    parameters: ['parameters'],
    queue: ['queuedAt'],
    start: ['startedAt'],
    end: ['finishedAt', 'outcome'],
  },
  Builder: { version: ['version'] },
  Artifact: {
    name: ['name'],
    media: ['mediaType'],
    size: ['size'],
    link: ['url'],
    created: ['createdAt'],
    published: ['publishedAt', 'publishedTo'],
    deleted: ['deletedAt'],
  },
  Resource: { name: ['name'], media: ['mediaType'] },
  Package: { name: ['name', 'purlType', 'namespace'] },
  PackageVersion: {
    name: ['name', 'version'],
    kind: ['componentType'],
    // of what has no package URL, or one that names no ecosystem, and of what is built from a source of another name: a name to be
    // compared (model/package-name.ts)
    unidentified: ['matchName'],
    // of a package of a distribution: what it is built from, where that has another name and the package URL does not say it
    source: ['sourceName', 'sourceVersion'],
  },
  Deployment: {
    name: ['name'],
    link: ['url'],
    slot: ['environment', 'service', 'instance', 'parallel'],
    created: ['createdAt', 'createdBy', 'rollback'],
    request: ['ref', 'task', 'description', 'parameterNames'],
    purpose: ['production', 'transient'],
    progress: ['phase', 'phaseAt'],
    completed: ['completedAt', 'completedBy'],
    failed: ['failedAt', 'failure'],
    removed: ['removedAt'],
    rolledback: ['rolledBackAt', 'rolledBackTo'],
    verified: ['verifiedAt', 'verification'],
  },
  Workflow: {
    name: ['name'],
    created: ['createdAt'],
    started: ['startedAt'],
    progress: ['percentage', 'progressedAt'],
    end: ['finishedAt', 'outcome'],
  },
  Step: { name: ['name'], started: ['startedAt'], end: ['finishedAt', 'outcome'] },
  Environment: { name: ['name', 'scope'], link: ['url'] },
  Service: { name: ['name', 'scope'] },
  Attestation: {
    statement: ['predicateType', 'statementType', 'payloadType', 'signatures', 'issuedAt'],
    warnings: ['warnings'],
  },
  Document: {
    info: ['format', 'mediaType', 'size'],
    name: ['name'],
    content: ['issuedAt', 'components', 'complete', 'completeness'],
    // of CycloneDX: what BOM-Links name it by; of CSAF: what its versions have in common
    serial: ['serialNumber', 'bomVersion'],
    sources: ['unsourced'],
    warnings: ['warnings'],
  },
  Identity: { name: ['issuer', 'subject'] },
  Vulnerability: {
    summary: ['summary', 'severity', 'score', 'url'],
    published: ['publishedAt'],
    withdrawn: ['withdrawnAt'],
  },
  Agent: { seen: ['lastSeenAt'] },
} as const satisfies Record<string, Record<string, readonly string[]>>;

export type NodeLabel = keyof typeof NODE_FACETS;
export type FacetName<L extends NodeLabel = NodeLabel> = L extends NodeLabel
  ? keyof (typeof NODE_FACETS)[L] & string
  : never;

export const NODE_LABELS = Object.keys(NODE_FACETS) as NodeLabel[]; // Object.keys loses the literal types

/**
 * Labels whose nodes are nothing but their name: whoever mentions one has said all there is to know, so they are never
 * placeholders.
 */
export const NAME_ONLY_LABELS: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Repository',
  'Builder',
  'Package',
  'Environment',
  'Service',
  'Identity',
  'Agent',
]);

/** Labels of which every property follows from the key. */
export const IMPLIED_LABELS: ReadonlySet<NodeLabel> = new Set<NodeLabel>(['Package']);

/** Labels whose nodes can be placeholders at all. */
export const STATED_LABELS: readonly NodeLabel[] = NODE_LABELS.filter(
  (label) => !NAME_ONLY_LABELS.has(label),
);

/** Labels of nodes that an event can end: a withdrawn advisory, a document that another version replaces. */
export const ENDED_LABELS = ['Vulnerability', 'Document'] as const satisfies readonly NodeLabel[];
export type EndedLabel = (typeof ENDED_LABELS)[number];

/** Every property that the facets of a label have. */
export function propertiesOf(label: NodeLabel): string[] {
  const facets: Readonly<Record<string, readonly string[]>> = NODE_FACETS[label];
  return Object.values(facets).flat();
}

/** Properties that hold a moment, as milliseconds since the epoch. */
export const TIME_PROPERTIES: ReadonlySet<string> = new Set(
  NODE_LABELS.flatMap((label) => propertiesOf(label)).filter((name) => name.endsWith('At')),
);

const LIFE_FACETS = [
  ...(['created', 'request', 'purpose', 'progress', 'completed'] as const),
  ...(['failed', 'removed', 'rolledback', 'verified'] as const),
];

/** What events say of the life of a deployment. */
export const LIFE_PROPERTIES: readonly string[] = LIFE_FACETS.flatMap((facet) => [
  ...NODE_FACETS.Deployment[facet],
]);

export type PropertyValue = string | number | boolean | readonly string[] | null;

/** Which node: label and canonical key (design section 3). */
export type NodeRef = { readonly label: NodeLabel; readonly key: string };

export function isNodeLabel(text: string): text is NodeLabel {
  return Object.hasOwn(NODE_FACETS, text);
}

export function refId(ref: NodeRef): string {
  return `${ref.label}:${ref.key}`;
}
