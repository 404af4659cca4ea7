/** A flag: the field of the input that it fills. A `switch` is true, false (`--no-…`) or, where it is left out, not known. */
export type Field = {
  readonly field: string;
  readonly kind: 'text' | 'list' | 'flag' | 'switch' | 'word' | 'number' | 'score' | 'artifacts';
  readonly description: string;
  readonly choices?: readonly string[];
  readonly required?: boolean;
  /** Where in the input, unless it is the field itself. */
  readonly to?: readonly [outer: string, inner: string];
};

export type Kind = {
  readonly name: string;
  readonly description: string;
  readonly subject: {
    readonly field: string;
    readonly description: string;
    /** Left out in a CI, it is the run, and what the CI says of it fills these fields too. */
    readonly ofCi?: readonly ('name' | 'repository' | 'commit' | 'trigger')[];
  };
  readonly fields: readonly Field[];
  readonly mutation: (input: Readonly<Record<string, unknown>>) => {
    readonly mutation: string;
    readonly type: string;
  };
  readonly examples: readonly string[];
};

const text = (field: string, description: string): Field => ({ field, kind: 'text', description });
const list = (field: string, description: string): Field => ({ field, kind: 'list', description });
const person = (who: string, part: 'Name' | 'Email'): Field => ({
  ...text(`${who}${part}`, `${part === 'Name' ? 'name' : 'e-mail address'} of the ${who}`),
  to: [who, part.toLowerCase()],
});

/** What every input has. */
export const COMMON: readonly Field[] = [
  text('id', 'idempotency key; left out: made of what the event is about'),
  text('source', 'who says so: a URI'),
  text('time', 'when it happened (RFC 3339); left out: now'),
  text('correlationId', 'groups events that belong together'),
  text('causationId', 'identity of the event that caused this one'),
  text('workflowId', 'workflow that the event belongs to'),
];

/** What artifacts have, whoever made them. */
const ARTIFACT: readonly Field[] = [
  list('otherDigests', 'further digests of the same bytes'),
  text('name', 'file or image name'),
  text('purl', 'package URL'),
  text('mediaType', 'media type'),
  { field: 'size', kind: 'number', description: 'size in bytes' },
  text('url', 'where it can be fetched'),
];

export const KINDS: readonly Kind[] = [
  {
    name: 'commit',
    description: 'A commit was made.',
    subject: { field: 'commit', description: 'the whole commit id' },
    fields: [
      text('repository', 'URL of the repository'),
      list('parents', 'commit ids that it follows'),
      text('message', 'commit message'),
      person('author', 'Name'),
      person('author', 'Email'),
      text('authoredAt', 'when it was written (RFC 3339)'),
      person('committer', 'Name'),
      person('committer', 'Email'),
      text('committedAt', 'when it was committed (RFC 3339)'),
      text('url', 'page of the commit'),
    ],
    mutation: () => ({ mutation: 'recordCommit', type: 'RecordCommitInput' }),
    examples: [
      'stemma record commit $(git rev-parse HEAD) --repository https://github.com/org/app',
    ],
  },
  {
    name: 'build',
    description: 'A build started; with --outcome, it ended.',
    subject: {
      field: 'build',
      description:
        'the run: its URL (best), or its id; left out: the run of the CI that this is called in',
      ofCi: ['name', 'repository', 'commit', 'trigger'],
    },
    fields: [
      text('name', 'name of the job or workflow'),
      text('url', 'page of the run'),
      text('builder', 'what it runs on: a URI'),
      text('buildType', 'kind of build'),
      text('repository', 'URL of the repository'),
      text('commit', 'the whole id of the commit that it builds'),
      list('materials', 'everything else that goes in: digests, package URLs, URIs'),
      text('workflow', 'workflow that it is part of'),
      text('trigger', 'what started it'),
      {
        field: 'outcome',
        kind: 'word',
        description: 'how it ended',
        choices: ['success', 'failure', 'cancelled', 'error'],
      },
      {
        field: 'artifacts',
        kind: 'artifacts',
        description: 'what it made: digest[,name=…,purl=…,size=…], or JSON; needs --outcome',
      },
    ],
    mutation: ({ outcome }) =>
      outcome === undefined
        ? { mutation: 'startBuild', type: 'StartBuildInput' }
        : { mutation: 'completeBuild', type: 'CompleteBuildInput' },
    examples: [
      'stemma record build --outcome success --artifacts sha256:9f86d0…,name=app.tgz',
      'stemma record build https://ci.example/runs/7 --commit $SHA --repository https://github.com/org/app',
      'stemma record build https://ci.example/runs/7 --outcome success --artifacts sha256:9f86d0…,name=app.tgz',
    ],
  },
  {
    name: 'artifact',
    description: 'An artifact was made.',
    subject: { field: 'digest', description: 'its digest: sha256:…' },
    fields: [
      ...ARTIFACT,
      text('build', 'the build that made it: its URL, or its id'),
      text('builder', 'builder of that build, where the build is named by an id'),
      list('contains', 'what is inside: digests, package URLs'),
      list('derivedFrom', 'what it was derived from'),
    ],
    mutation: () => ({ mutation: 'recordArtifact', type: 'RecordArtifactInput' }),
    examples: [
      'stemma record artifact sha256:9f86d0… --name app.tgz --build https://ci.example/runs/7',
    ],
  },
  {
    name: 'deployment',
    description: 'Something was deployed.',
    subject: { field: 'deployment', description: 'id of the deployment, or its URL' },
    fields: [
      {
        ...list('artifacts', 'what is deployed: digests (best), package URLs, image references'),
        required: true,
      },
      { ...text('environment', 'name of the environment'), required: true },
      text('scope', 'repository or cluster within which the names are unique'),
      text('service', 'name of the service'),
      text('instance', 'instance within the service'),
      text('name', 'name of the deployment'),
      text('url', 'page of the deployment'),
      { field: 'parallel', kind: 'flag', description: 'lives beside the deployment before it' },
      { field: 'rollback', kind: 'flag', description: 'brings back what ran before' },
      text('replaces', 'id of the deployment that it replaces'),
      text('ref', 'the branch, tag or commit that was asked for'),
      text('task', 'what is done: deploy, deploy:migrations'),
      text('description', 'what you say of it'),
      list('parameterNames', 'names of the parameters that it was given'),
      { field: 'production', kind: 'switch', description: 'for those whom it is made for' },
      { field: 'transient', kind: 'switch', description: 'its environment is meant to go again' },
    ],
    mutation: () => ({ mutation: 'recordDeployment', type: 'RecordDeploymentInput' }),
    examples: [
      'stemma record deployment 2026-11-21.1 --environment production --service shop --artifacts sha256:9f86d0…',
    ],
  },
  {
    name: 'complete',
    description: 'A deployment completed: it is live.',
    subject: { field: 'deployment', description: 'id of the deployment, as it was recorded' },
    fields: [],
    mutation: () => ({ mutation: 'completeDeployment', type: 'CompleteDeploymentInput' }),
    examples: ['stemma record complete 2026-11-21.1'],
  },
  {
    name: 'fail',
    description: 'A deployment failed.',
    subject: { field: 'deployment', description: 'id of the deployment, as it was recorded' },
    fields: [text('reason', 'why')],
    mutation: () => ({ mutation: 'failDeployment', type: 'FailDeploymentInput' }),
    examples: ['stemma record fail 2026-11-21.1 --reason "the probe did not answer"'],
  },
  {
    name: 'rollback',
    description: 'A deployment was rolled back: what ran before is live again.',
    subject: { field: 'deployment', description: 'id of the deployment, as it was recorded' },
    fields: [
      text('to', 'id of the deployment that is live again; left out: the one before it'),
      text('reason', 'why'),
    ],
    mutation: () => ({ mutation: 'rollbackDeployment', type: 'RollbackDeploymentInput' }),
    examples: ['stemma record rollback 2026-11-21.1 --to 2026-11-20.1'],
  },
  {
    name: 'remove',
    description: 'A deployment was removed: it is not live any more.',
    subject: { field: 'deployment', description: 'id of the deployment, as it was recorded' },
    fields: [text('reason', 'why')],
    mutation: () => ({ mutation: 'removeDeployment', type: 'RemoveDeploymentInput' }),
    examples: ['stemma record remove 2026-11-21.1'],
  },
  {
    name: 'verify',
    description: 'A deployment was looked at, after it was live or before.',
    subject: { field: 'deployment', description: 'id of the deployment, as it was recorded' },
    fields: [
      {
        field: 'result',
        kind: 'word',
        description: 'what was found',
        choices: ['passed', 'failed'],
        required: true,
      },
      text('detail', 'in detail'),
    ],
    mutation: () => ({ mutation: 'verifyDeployment', type: 'VerifyDeploymentInput' }),
    examples: ['stemma record verify 2026-11-21.1 --result passed'],
  },
  {
    name: 'sign',
    description: 'An artifact was signed.',
    subject: { field: 'digest', description: 'its digest: sha256:…' },
    fields: [
      text('signature', 'the signature'),
      { ...text('issuer', 'OIDC issuer of the signer'), to: ['signer', 'issuer'] },
      { ...text('subject', 'who signed, by that issuer'), to: ['signer', 'subject'] },
      {
        ...text('keyFingerprint', 'fingerprint of the public key, instead of issuer and subject'),
        to: ['signer', 'keyFingerprint'],
      },
    ],
    mutation: () => ({ mutation: 'signArtifact', type: 'SignArtifactInput' }),
    examples: ['stemma record sign sha256:9f86d0… --key-fingerprint SHA256:2QbX…'],
  },
  {
    name: 'vulnerability',
    description: 'A vulnerability was found.',
    subject: { field: 'vulnerability', description: 'id of the advisory: CVE-2021-44228' },
    fields: [
      {
        ...list('affects', 'what it affects: package URLs with version, or digests'),
        required: true,
      },
      list('aliases', 'the same weakness under other ids'),
      text('summary', 'one sentence'),
      {
        field: 'severity',
        kind: 'word',
        description: 'how bad it is',
        choices: ['none', 'low', 'medium', 'high', 'critical'],
      },
      { field: 'score', kind: 'score', description: 'CVSS score, 0 to 10' },
      text('url', 'page of the advisory'),
      text('publishedAt', 'when it was published (RFC 3339)'),
    ],
    mutation: () => ({ mutation: 'reportVulnerability', type: 'ReportVulnerabilityInput' }),
    examples: [
      'stemma record vulnerability CVE-2021-44228 --affects pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
    ],
  },
];
