import { sha256, type Envelope } from '../src/model/event.ts';
import { CI, commit, digest, DOC, listed, partOf, SBOM, STATEMENT } from './corpus-documents.ts';

/** The events of the recorded corpus: a small story in which every type of the catalogue has its place. */

const OPS = 'https://ops.example.com';
const identity = (id: string, source = CI): string => `${source} ${id}`;

export const CORPUS: readonly Envelope[] = [
  event('source.commit.created', 'commit-release', {
    commit: commit('release'),
    repository: 'git@github.com:acme/shop.git',
    parents: [commit('parent')],
    message: 'Release 1.4.0 — “für alle” 🚀',
    author: { name: 'Ada', email: 'ada@example.com' },
    authoredAt: '2026-03-01T10:00:00+02:00',
    committer: { name: 'CI' },
    committedAt: '2026-03-01T08:30:00.250Z',
    url: 'https://github.com/acme/shop/commit/1',
  }),
  event(
    'source.commit.created',
    'commit-parent',
    { commit: commit('parent'), committedAt: '2026-02-28T09:00:00Z' },
    { dataschema: 'urn:stemma:schema:source.commit.created:1' },
  ),
  event('source.commit.created', 'commit-odd', {
    commit: commit('odd'),
    authoredAt: '2017-07-14T02:40:00Z',
    authoredAtText: '1500000000 +9999',
    committedAtText: '99999999999999 +0000',
  }),
  event('source.branch.created', 'tag-1.4.0', {
    repository: 'https://github.com/acme/shop',
    name: 'v1.4.0',
    refType: 'tag',
    commit: commit('release'),
  }),
  event('source.change.merged', 'change-12', {
    change: 'https://github.com/acme/shop/pull/12',
    repository: 'https://github.com/acme/shop',
    commit: commit('parent'),
    title: 'Faster checkout',
    target: 'main',
  }),
  event('source.repository.named', 'shop-renamed', {
    repository: 'https://github.com/acme/shop',
    hostId: '7',
    formerly: 'https://github.com/acme/old-shop',
  }),
  event('build.queued', 'build-7781-queued', { build: `${CI}/builds/7781`, name: 'release' }),
  event(
    'build.started',
    'build-7781-started',
    {
      build: `${CI}/builds/7781`,
      builder: 'https://ci.example.com/runners/linux',
      commit: commit('release'),
      repository: 'https://github.com/acme/shop',
      materials: ['pkg:npm/left-pad@1.3.0', digest('typescript'), 'https://example.com/data.csv'],
      trigger: 'tag',
    },
    { workflowid: 'release-1.4.0', correlationid: 'release-1.4.0' },
  ),
  event(
    'build.completed',
    'build-7781-completed',
    {
      build: `${CI}/builds/7781`,
      status: 'passed',
      commit: commit('release'),
      digests: [digest('shop-1.4.0')],
    },
    { dataschema: 'urn:stemma:schema:build.completed:1' },
  ),
  event('build.completed', 'build-7782-completed', {
    build: '7782',
    builder: 'https://ci.example.com/runners/linux',
    outcome: 'failure',
    artifacts: [
      { digest: digest('log'), name: 'build.log', size: 1024, mediaType: 'text/plain' },
      { purl: 'pkg:npm/%40acme/shop@1.4.1' },
    ],
  }),
  event(
    'build.completed',
    'build-7783-completed',
    { build: '7783', builder: 'https://ci.example.com/runners/linux', outcome: 'cancelled' },
    { dataschema: 'urn:stemma:schema:build.completed:2' },
  ),
  event('build.completed', 'build-7784-completed', {
    build: '7784',
    builder: 'https://ci.example.com/runners/linux',
    outcome: 'unstable',
  }),
  event(
    'artifact.created',
    'artifact-shop-1.4.0-v1',
    { sha256: digest('shop-1.4.0').slice(7), name: 'shop-1.4.0.tgz', build: `${CI}/builds/7781` },
    { dataschema: 'https://stemma.example.com/schemas/artifact.created/1.json' },
  ),
  event('artifact.created', 'artifact-image', {
    digest: digest('image'),
    otherDigests: [`sha512:${sha256('image').repeat(2)}`],
    name: 'shop',
    purl: 'pkg:npm/%40acme/shop@1.4.0',
    contains: [digest('layer'), 'pkg:npm/ms@2.1.3'],
    derivedFrom: [digest('base'), 'docker://docker.io/library/node:24'],
    build: `${CI}/builds/7781`,
  }),
  event('artifact.published', 'artifact-image-published', {
    digest: digest('image'),
    location: 'registry.example.com/acme/shop:1.4.0',
  }),
  event('artifact.signed', 'artifact-image-signed', {
    digest: digest('image'),
    signer: { issuer: 'https://token.example.com', subject: 'repo:acme/shop' },
  }),
  event('artifact.deleted', 'artifact-log-deleted', { digest: digest('log') }),
  event('document.submitted', 'sbom', { digest: `sha256:${sha256(SBOM)}`, content: SBOM }),
  event('document.submitted', 'provenance', {
    digest: `sha256:${sha256(STATEMENT)}`,
    content: STATEMENT,
  }),
  event('document.part', `sha256:${DOC}/part/1`, partOf(1)),
  event('document.submitted', 'sbom-in-parts', {
    digest: `sha256:${DOC}`,
    parts: 2,
    about: digest('image'),
  }),
  event('document.part', `sha256:${DOC}/part/0`, partOf(0)),
  event(
    'deployment.created',
    'deploy-1',
    {
      deployment: 'd1',
      artifacts: [digest('image'), 'registry.example.com/acme/shop:1.4.0'],
      environment: 'production',
      scope: 'cluster-eu',
      service: 'shop',
      url: 'https://shop.example.com',
    },
    { source: OPS },
  ),
  event(
    'deployment.created',
    'deploy-of-version-1',
    { deployment: 'd0', commit: commit('release'), environment: 'staging' },
    { source: OPS, dataschema: 'urn:stemma:schema:deployment.created:1' },
  ),
  event(
    'deployment.created',
    'deploy-of-version-2',
    { deployment: 'd-2', commit: commit('release'), environment: 'staging', rollback: true },
    { source: OPS, dataschema: 'urn:stemma:schema:deployment.created:2' },
  ),
  event(
    'deployment.created',
    'deploy-of-a-preview',
    {
      deployment: 'd-3',
      commit: commit('release'),
      environment: 'preview-7',
      ref: 'topic',
      task: 'deploy:preview',
      description: 'Pull request 7',
      parameterNames: ['database', 'region'],
      production: false,
      transient: true,
    },
    { source: OPS },
  ),
  event(
    'deployment.progressed',
    'deploy-1-runs',
    { deployment: 'd1', phase: 'running' },
    { source: OPS, dataschema: 'urn:stemma:schema:deployment.progressed:1' },
  ),
  event(
    'deployment.progressed',
    'deploy-1-bakes',
    { deployment: 'd1', phase: 'baking' },
    { source: OPS },
  ),
  event('deployment.completed', 'deploy-1-done', { deployment: 'd1' }, { source: OPS }),
  event(
    'deployment.created',
    'deploy-2',
    {
      deployment: 'd2',
      commit: commit('release'),
      environment: 'production',
      parallel: true,
      instance: 'canary',
      replaces: 'd1',
    },
    { source: OPS, time: '2099-01-01T00:00:00Z' },
  ),
  event(
    'deployment.verified',
    'deploy-2-verified',
    { deployment: 'd2', result: 'failed', detail: 'latency' },
    { source: OPS },
  ),
  event(
    'deployment.failed',
    'deploy-2-failed',
    { deployment: 'd2', reason: 'latency' },
    { source: OPS },
  ),
  event('deployment.rolledback', 'deploy-2-back', { deployment: 'd2', to: 'd1' }, { source: OPS }),
  event('deployment.removed', 'deploy-1-gone', { deployment: 'd1' }, { source: OPS }),
  event('vulnerability.detected', 'cve-1', {
    vulnerability: 'CVE-2026-0001',
    aliases: ['GHSA-xxxx-yyyy-zzzz'],
    affects: ['pkg:npm/ms@2.1.3', digest('image')],
    summary: 'ms parses too much',
    severity: 'high',
    score: 7.5,
    publishedAt: '2026-03-04T00:00:00Z',
  }),
  event('vulnerability.detected', 'cve-2', {
    vulnerability: 'CVE-2026-0002',
    affects: ['pkg:npm/left-pad@1.3.0'],
    score: 7,
  }),
  event('vulnerability.triaged', 'cve-1-vex', {
    vulnerability: 'CVE-2026-0001',
    products: ['pkg:npm/%40acme/shop@1.4.0'],
    status: 'not_affected',
    justification: 'code_not_reachable',
  }),
  event('vulnerability.withdrawn', 'cve-1-claim-withdrawn', {
    vulnerability: 'CVE-2026-0001',
    claims: [identity('cve-1')],
  }),
  event('vulnerability.withdrawn', 'cve-2-withdrawn', { vulnerability: 'CVE-2026-0002' }),
  event('alias.withdrawn', 'alias-1-withdrawn', {
    alias: digest('layer'),
    of: digest('base'),
    claim: identity('alias-1'),
  }),
  event('alias.asserted', 'alias-1', { alias: digest('layer'), of: digest('base') }),
  event('alias.asserted', 'alias-2', { alias: 'pkg:npm/ms@2.1.3', of: digest('typescript') }),
  event('claim.withdrawn', 'artifact-image-withdrawn', { claim: identity('artifact-image') }),
  event('claim.withdrawn', 'sbom-in-parts-withdrawn', { claim: DOC, reason: 'wrong image' }),
  event('claim.withdrawn', 'unknown-withdrawn', { claim: identity('never-seen') }),
  event('attestation.verified', 'provenance-verified', {
    attestation: `sha256:${sha256(STATEMENT)}`,
    verdict: 'UNVERIFIED',
    reasons: ['no signature'],
    verifier: 'stemma 1',
  }),
  event('policy.changed', 'policy-1', { policy: 'default', digest: digest('policy') }),
  event('key.revoked', 'key-1', { key: `sha256:${sha256('key')}`, reason: 'lost' }),
  event('workflow.created', 'wf-created', { workflow: 'release-1.4.0', name: 'release' }),
  event('workflow.started', 'wf-started', { workflow: 'release-1.4.0', step: 'build' }),
  event('workflow.progressed', 'wf-progressed', {
    workflow: 'release-1.4.0',
    percentage: 33.3,
    agent: 'planner',
  }),
  event('workflow.completed', 'wf-completed', { workflow: 'release-1.4.0' }),
  event('workflow.failed', 'wf-2-failed', { workflow: 'nightly', message: 'no space' }),
  event('workflow.cancelled', 'wf-3-cancelled', { workflow: 'weekly' }),
  ...['generation', 'audit', 'testing'].flatMap((domain) => [
    event(
      `${domain}.started`,
      `${domain}-started`,
      { id: domain },
      { workflowid: 'release-1.4.0' },
    ),
    event(`${domain}.completed`, `${domain}-completed`, { id: domain, outcome: 'success' }),
    event(`${domain}.failed`, `${domain}-failed`, { id: `${domain}-2`, message: 'broken' }),
  ]),
  event('agent.request', 'a2a-1', { from: 'planner', to: 'builder', request: 'r1' }),
  event('agent.response', 'a2a-2', {
    ...{ from: 'builder', to: 'planner', request: 'r1', outcome: 'success' },
    payload: { tokens: 12, nested: [1.5, null, 'x'] },
  }),
  event(
    'watch.defined',
    'watch-1',
    { name: 'new-images', version: 1 },
    { dataschema: 'urn:stemma:schema:watch.defined:1' },
  ),
  event('watch.defined', 'watch-2', {
    ...{
      name: 'releases',
      version: 1,
      types: ['gate.passed'],
      when: 'event.data.gate == "release"',
    },
    action: {
      webhook: { url: 'https://hooks.example.com/x', secret: { env: 'STEMMA_SECRET_HOOK' } },
    },
  }),
  event('watch.disabled', 'watch-2-off', { name: 'releases', reason: 'no answer' }),
  event('watch.enabled', 'watch-2-on', { name: 'releases' }),
  event(
    'gate.defined',
    'gate-1',
    { name: 'signed', version: 2 },
    { dataschema: 'urn:stemma:schema:gate.defined:1' },
  ),
  event('gate.defined', 'gate-2', {
    ...{ name: 'release', version: 1, key: 'artifacts', withinSeconds: 86_400 },
    inputs: [
      { types: ['artifact.signed'] },
      {
        name: 'tests',
        types: ['testing.completed', 'testing.failed'],
        accept: 'outcome == "success"',
      },
    ],
  }),
  event('gate.disabled', 'gate-2-off', { name: 'release', reason: 'the tests are broken' }),
  event('gate.enabled', 'gate-2-on', { name: 'release' }),
  event('bridge.defined', 'bridge-1', { name: 'nats', version: 1 }),
  event(
    'watch.matched',
    'watch-1-matched',
    { watch: 'new-images' },
    { causationid: 'artifact-image' },
  ),
  event('watch.action.succeeded', 'watch-1-sent', { watch: 'new-images' }),
  event('watch.action.failed', 'watch-1-failed', { watch: 'new-images', error: 'timeout' }),
  event('gate.passed', 'gate-1-passed', { gate: 'signed' }),
  event('gate.failed', 'gate-1-failed', { gate: 'signed' }),
  event('type.registered', 'type-1', {
    ...{ type: 'com.example.review', version: 1 },
    schema: { type: 'object' },
  }),
  event(
    'type.registered',
    'type-in-version-1',
    { type: 'com.example.approval', version: 1, schema: { type: 'object' } },
    { dataschema: 'urn:stemma:schema:type.registered:1' },
  ),
  event('com.example.review', 'review-1', { verdict: 'fine' }),
  event(
    'com.example.review',
    'review-2',
    { verdict: 'fine' },
    { subject: `sha256:${sha256('what was reviewed')}` },
  ),
  event('type.deprecated', 'type-1-deprecated', {
    ...{ type: 'com.example.review', version: 1 },
    reason: 'use com.example.review.given',
  }),
  event('document.part', 'part-of-version-1', partOf(0), {
    dataschema: 'urn:stemma:schema:document.part:1',
  }),
  event(
    'document.submitted',
    'submitted-in-version-1',
    { digest: `sha256:${DOC}`, parts: 2 },
    { dataschema: 'urn:stemma:schema:document.submitted:1' },
  ),
  event('document.part', 'listed-wrong', listed.wrong, { source: OPS }),
  event('document.part', 'listed-1', listed.parts[1] ?? {}),
  event('document.submitted', 'sbom-with-listed-parts', {
    digest: listed.digest,
    parts: 2,
    partDigests: listed.partDigests,
  }),
  event('document.part', 'listed-0', listed.parts[0] ?? {}),
];

function event(
  type: string,
  id: string,
  data: Record<string, unknown>,
  rest: Partial<Envelope> = {},
): Envelope {
  return { specversion: '1.0', id, source: CI, type, time: timeOf(id), data, ...rest };
}

/** Some minute of one week: the events come out of order. */
function timeOf(id: string): string {
  const minute = Number.parseInt(sha256(id).slice(0, 6), 16) % 10_000;
  return new Date(Date.UTC(2026, 2, 2) + minute * 60_000).toISOString();
}
