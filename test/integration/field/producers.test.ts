import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
const dir = mkdtempSync(join(tmpdir(), 'stemma-producers-'));
beforeAll(async () => {
  field = await startField();
});
afterAll(async () => {
  await field.stop();
  rmSync(dir, { recursive: true, force: true });
});

let files = 0;
async function ingest(...documents: object[]): Promise<void> {
  const paths = documents.map((document) => {
    files += 1;
    const path = join(dir, `${files}.json`);
    writeFileSync(path, JSON.stringify(document));
    return path;
  });
  const { exitCode, report, stderr } = await field.ingest(paths);
  expect({ exitCode, refused: report?.refused, stderr }).toMatchObject({ exitCode: 0, refused: 0 });
}

const commitOf = (name: string) => sha256(name).slice(0, 40);
const dsse = (statement: object) => ({
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
  signatures: [{ keyid: '', sig: 'AA==' }],
});
const statement = (digest: string, predicateType: string, predicate: object) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'registry.example/app', digest: { sha256: digest } }],
  predicateType,
  predicate,
});
const provenance = (digest: string, buildDefinition: object, runDetails: object) =>
  statement(digest, 'https://slsa.dev/provenance/v1', { buildDefinition, runDetails });

test('a job of GitLab on a server of one’s own: webhook, pipeline and provenance meet', async () => {
  const [server, digest, commit] = [
    'https://code.producers1.example',
    sha256('producers1'),
    commitOf('producers1'),
  ];
  await ingest(
    {
      object_kind: 'build',
      build_id: 881,
      build_name: 'image',
      build_status: 'success',
      build_started_at: '2026-05-01 10:00:00 UTC',
      build_finished_at: '2026-05-01 10:05:00 UTC',
      pipeline_id: 77,
      sha: commit,
      project_id: 12,
      project: { id: 12, web_url: `${server}/Team/Shop` },
    },
    dsse(
      provenance(
        digest,
        {
          buildType: 'https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v17.0.0/PROVENANCE.md',
          externalParameters: { source: `${server}/team/shop`, entryPoint: 'image' },
          resolvedDependencies: [{ uri: `${server}/team/shop`, digest: { sha256: commit } }],
        },
        { builder: { id: `${server}/team/shop/-/runners/3` }, metadata: { invocationID: '881' } },
      ),
    ),
  );
  const reached = await field.lineage(`sha256:${digest}`, 'UPSTREAM');
  expect(reached).toMatchObject({ Build: [`${server}/team/shop/-/jobs/881`], Commit: [commit] });
  expect(
    await field.resolve(
      `${server}/Team/Shop/-/jobs/881`,
      '... on Build { name state commits { nodes { repositories { nodes { key name } } } } }',
    ),
  ).toEqual({
    name: 'image',
    state: 'SUCCESS',
    commits: {
      nodes: [{ repositories: { nodes: [{ key: `${server}/team/shop`, name: 'Team/Shop' }] } }],
    },
  });
});

test('a run of Jenkins: CDEvent and provenance meet at its page', async () => {
  const [server, digest, commit] = [
    'https://jenkins.producers2.example',
    sha256('producers2'),
    commitOf('producers2'),
  ];
  await ingest(
    {
      context: {
        version: '0.4.1',
        id: 'producers2',
        source: `${server}/`,
        type: 'dev.cdevents.pipelinerun.finished.0.2.0',
        timestamp: '2026-05-01T10:05:00Z',
      },
      subject: {
        id: 'shop/12',
        type: 'pipelineRun',
        content: {
          pipelineName: 'shop',
          uri: `${server}/job/shop/12/display/redirect`,
          outcome: 'UNSTABLE',
        },
      },
    },
    provenance(
      digest,
      {
        buildType: 'https://redhat.com/rhtap/slsa-build-types/jenkins-build/v1',
        internalParameters: { jenkins: { build_url: `${server}/job/shop/12/` } },
        resolvedDependencies: [
          { uri: 'git+https://git.producers2.example/shop', digest: { gitCommit: commit } },
        ],
      },
      { builder: { id: 'built-in' }, metadata: { invocationID: 'jenkins-shop-12' } },
    ),
  );
  const build = `${server}/job/shop/12`;
  const reached = await field.lineage(`sha256:${digest}`, 'UPSTREAM');
  expect(reached).toMatchObject({ Build: [build], Commit: [commit] });
});

test('an outcome that nobody listed is a state of its own, also to filter by', async () => {
  const source = 'https://ci.producers3.example';
  const ended = (id: string, outcome: string) => ({
    ...{ specversion: '1.0', id, source, type: 'build.completed' },
    time: '2026-05-01T10:05:00Z',
    data: { build: `${source}/runs/${id}`, outcome },
  });
  const started = { ...ended('4', 'x'), id: '4-started', type: 'build.started' };
  await ingest([
    ended('1', 'success'),
    ended('2', 'unstable'),
    ended('3', 'NOT_BUILT'),
    { ...started, data: { build: `${source}/runs/4` } },
  ]);
  expect(
    await field.resolve(`${source}/runs/3`, '... on Build { state outcome outcomeText }'),
  ).toEqual({ state: 'UNKNOWN', outcome: null, outcomeText: 'NOT_BUILT' });
  const { builds } = await field.ask(
    '{ builds(state: UNKNOWN, first: 500) { nodes { key outcomeText } } }',
  );
  const own = builds.nodes.filter(({ key }: { key: string }) => key.startsWith(source));
  expect(own.map(({ key }: { key: string }) => key).sort()).toEqual([
    `${source}/runs/2`,
    `${source}/runs/3`,
  ]);
});

test('deployments of GitLab: running is not live, success is; a word nobody listed is UNKNOWN', async () => {
  const server = 'https://gitlab.producers4.example';
  const hook = (status: string, id: number, at: string) => ({
    object_kind: 'deployment',
    status,
    status_changed_at: `2026-05-01 ${at}:00 +0000`,
    deployment_id: id,
    deployable_id: 800 + id,
    environment: 'production',
    project: { id: 3, web_url: `${server}/Team/Shop` },
    commit_url: `${server}/Team/Shop/-/commit/${commitOf(`producers4-${id}`)}`,
  });
  await ingest(
    hook('running', 1, '10:00'),
    hook('success', 1, '10:05'),
    hook('running', 2, '11:00'),
    hook('skipped', 3, '12:00'),
  );
  const environment = `${server}/team/shop/production`;
  const isDeployed = async (id: number) =>
    (await field.isDeployed(commitOf(`producers4-${id}`), { environments: [environment] }))[
      environment
    ];
  expect([await isDeployed(1), await isDeployed(2), await isDeployed(3)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(
    await field.resolve(
      `Deployment:${server}/team/shop#deployments/3`,
      '... on Deployment { state phase }',
    ),
  ).toEqual({ state: 'UNKNOWN', phase: 'skipped' });
});

test('two services that only the payload of a GitHub deployment tells apart run side by side', async () => {
  const page = 'https://github.com/producers5/mono';
  const hook = (id: number, payload: unknown) => ({
    deployment: {
      id,
      sha: commitOf(`producers5-${id}`),
      environment: 'production',
      task: 'deploy',
      payload,
      created_at: `2026-05-01T1${id}:00:00Z`,
    },
    deployment_status: { id: 10 + id, state: 'success', created_at: `2026-05-01T1${id}:05:00Z` },
    repository: { id: 775_001, html_url: page },
    action: 'created',
  });
  await ingest(
    hook(1, { service: 'api' }),
    hook(2, '{"service":"web"}'),
    hook(3, { service: 'web', region: 'eu' }),
    hook(4, { service: 'api' }),
  );
  const environments = [`${page}/production`];
  const live = [];
  for (const id of [1, 2, 3, 4]) {
    const found = await field.isDeployed(commitOf(`producers5-${id}`), { environments });
    live.push(found[environments[0]!]);
  }
  expect(live).toEqual([false, true, true, true]);
});

test('a BOM-Link leads into an SBOM that is inside of an attestation', async () => {
  const digest = sha256('producers6');
  const serial = '7d3f2a52-1111-4f41-8d61-0c4c5e8a6001';
  const scope = 'producers6';
  await ingest(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      vulnerabilities: [
        {
          id: 'FIELD-PRODUCERS-6',
          analysis: { state: 'exploitable' },
          affects: [{ ref: `urn:cdx:${serial}/1#lib` }],
        },
      ],
    },
    dsse(
      statement(digest, 'https://cyclonedx.org/bom', {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        serialNumber: `urn:uuid:${serial}`,
        version: 1,
        metadata: { component: { type: 'container', name: 'app', 'bom-ref': 'root' } },
        components: [
          {
            ...{ type: 'library', 'bom-ref': 'lib', name: 'lib', version: '1.0.0' },
            purl: 'pkg:npm/producers-lib@1.0.0',
          },
        ],
        dependencies: [{ ref: 'root', dependsOn: ['lib'] }],
      }),
    ),
    [
      {
        ...{ specversion: '1.0', id: 'd6', source: 'https://ops.producers6.example' },
        ...{ type: 'deployment.created', time: '2026-05-01T10:00:00Z' },
        data: {
          deployment: 'd6',
          artifacts: [`sha256:${digest}`],
          environment: 'production',
          scope,
        },
      },
    ],
  );
  const { affected } = await field.impact('FIELD-PRODUCERS-6', {
    environments: [`${scope}/production`],
  });
  expect(affected).toEqual(['https://ops.producers6.example#d6']);
});

test('an image index as buildx pushes it: what is in its images is in what runs, and nothing is cleared before all are known', async () => {
  const source = 'https://ci.producers4.example';
  const [amd64, arm64] = [sha256('producers4 amd64'), sha256('producers4 arm64')];
  const manifest = (digest: string, architecture: string, rest: object = {}) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...{ digest: `sha256:${digest}`, size: 476, platform: { architecture, os: 'linux' }, ...rest },
  });
  const index = {
    ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' },
    manifests: [
      manifest(amd64, 'amd64'),
      manifest(arm64, 'arm64'),
      manifest(sha256('producers4 attestation'), 'unknown', {
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      }),
    ],
  };
  const digest = `sha256:${sha256(JSON.stringify(index))}`;
  const event = (id: string, type: string, data: object) => ({
    ...{ specversion: '1.0', id, source, type, time: '2026-05-01T10:05:00Z', data },
  });
  const sbom = (of: string, name: string) =>
    dsse(
      statement(of, 'https://cyclonedx.org/bom', {
        ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
        components: [{ type: 'library', name, version: '1.0.0', purl: `pkg:npm/${name}@1.0.0` }],
        compositions: [{ aggregate: 'complete' }],
      }),
    );
  const detected = (id: string, name: string) =>
    event(id, 'vulnerability.detected', {
      ...{ vulnerability: id, affects: [`pkg:npm/${name}@1.0.0`] },
    });
  const deployment = `${source}/deployments/1`;
  await ingest(
    event('deployed', 'deployment.created', {
      ...{ deployment, environment: 'prod', scope: 'producers4', artifacts: [digest] },
    }),
    detected('PRODUCERS4-A', 'producers4-a'),
    detected('PRODUCERS4-B', 'producers4-b'),
    detected('PRODUCERS4-C', 'producers4-c'),
    index,
    sbom(amd64, 'producers4-a'),
  );
  const environments = { environments: ['producers4/prod'] };
  const before = await field.impact('PRODUCERS4-A', environments);
  expect(before).toMatchObject({ affected: [expect.stringContaining('deployments/1')] });
  // of the image for arm64 nobody has said anything yet
  expect(await field.impact('PRODUCERS4-C', environments)).toMatchObject({
    ...{ affected: [], notAffected: [], unknown: before.affected },
  });
  await ingest(sbom(arm64, 'producers4-b'));
  expect(await field.impact('PRODUCERS4-B', environments)).toMatchObject({
    affected: before.affected,
  });
  expect(await field.impact('PRODUCERS4-C', environments)).toMatchObject({
    ...{ affected: [], notAffected: before.affected, unknown: [] },
  });
});
