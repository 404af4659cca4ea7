import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
  const base = { specversion: '1.0', source: 'https://ci.example/unknown-names' };
  const receipts = await field.post([
    {
      ...{ ...base, type: 'deployment.created', id: '1' },
      data: {
        ...{ deployment: 'd', artifacts: [], environment: 'staging', scope: 'unknown-names' },
        service: 'checkout',
      },
    },
    {
      ...{ ...base, type: 'source.commit.created', id: '2' },
      data: {
        commit: 'c0ffee'.padEnd(40, '0'),
        repository: 'https://git.example/unknown-names/shop',
      },
    },
    {
      ...{ ...base, type: 'type.registered', id: '3' },
      data: { type: 'unknownnames.tested', version: 1, schema: {} },
    },
  ]);
  const advisory = await field.post([
    {
      ...{ ...base, type: 'vulnerability.detected', id: '4' },
      data: { vulnerability: 'CVE-unknown-names', affects: ['pkg:npm/unknown-names@1.0.0'] },
    },
  ]);
  expect([...receipts, ...advisory].map(({ status }) => status)).toEqual([
    ...['APPLIED', 'APPLIED', 'APPLIED', 'APPLIED'],
  ]);
});
afterAll(() => field.stop());

const commit = 'c0ffee'.padEnd(40, '0');
const refused = async (query: string) => {
  const { errors } = await field.gql(query);
  return { code: errors?.[0].extensions.code, message: errors?.[0].message };
};
const lineage = (rest: string) =>
  `{ lineage(of: "${Buffer.from(`Commit:${commit}`).toString('base64url')}", direction: DOWNSTREAM, ${rest}) { nodes { depth } } }`;

test.each([
  [
    'environment',
    '{ deployments(environment: "unknown-names/stagin") { nodes { key } } }',
    'unknown-names/staging',
  ],
  [
    'environment',
    '{ deployments(environment: "unknown-names/stagin", live: true) { nodes { key } } }',
    'unknown-names/staging',
  ],
  [
    'service',
    '{ deployments(service: "unknown-names/chekout") { nodes { key } } }',
    'unknown-names/checkout',
  ],
  [
    'repository',
    '{ commits(repository: "https://git.example/unknown-names/shp") { nodes { key } } }',
    'https://git.example/unknown-names/shop',
  ],
  [
    'repository',
    '{ builds(repository: "git@git.example:unknown-names/shp.git") { nodes { key } } }',
    'https://git.example/unknown-names/shop',
  ],
  [
    'environment',
    '{ statistics(since: "2026-01-01T00:00:00Z", environment: "unknown-names/stagin") { since } }',
    'unknown-names/staging',
  ],
  [
    'environment',
    '{ gaps(environment: "unknown-names/stagin") { truncated } }',
    'unknown-names/staging',
  ],
  [
    'environment',
    `{ isDeployed(commit: "${commit}", environments: ["unknown-names/stagin"]) { truncated } }`,
    'unknown-names/staging',
  ],
  [
    'environment',
    lineage('where: { environment: "unknown-names/stagin" }'),
    'unknown-names/staging',
  ],
  [
    'repository',
    lineage('where: { repository: "https://git.example/unknown-names/shp" }'),
    'https://git.example/unknown-names/shop',
  ],
  ['kind of thing', lineage('labels: ["Artefact"]'), 'Artifact'],
  ['kind of thing', '{ search(text: "shop", kinds: ["Comit"]) { nodes { key } } }', 'Commit'],
  ['kind of thing', '{ unresolved(label: "Bild") { nodes { key } } }', 'Build'],
  ['type of events', '{ events(type: "build.complete") { nodes { id } } }', 'build.completed'],
  [
    'scope of environments',
    '{ environments(scope: "unknown-nmes") { nodes { key } } }',
    'unknown-names',
  ],
  ['type of packages', '{ packages(purlType: "npmm") { nodes { key } } }', 'npm'],
  [
    'source of events',
    '{ events(source: "https://ci.example/unknown-name") { nodes { id } } }',
    'https://ci.example/unknown-names',
  ],
  [
    'type of events',
    '{ deadLetters(filter: { type: "deployment.rolled-back" }) { nodes { id } } }',
    'deployment.rolledback',
  ],
])('an unknown %s: %s', async (what, query, nearest) => {
  const { code, message } = await refused(query);
  expect(code).toBe('NOT_FOUND');
  expect(message).toContain(`There is no ${what} '`);
  expect(message).toContain(nearest);
});

test.each([
  '{ deployments(environment: "staging", service: "unknown-names/checkout", state: FAILED) { nodes { key } } }',
  '{ deployments(environment: "unknown-names/staging", namePrefix: "nothing") { nodes { key } } }',
  '{ builds(repository: "https://git.example/unknown-names/shop.git") { nodes { key } } }',
  '{ events(type: "unknownnames.tested") { nodes { id } } }',
  '{ environments(scope: "unknown-names", namePrefix: "nothing") { nodes { key } } }',
  '{ packages(purlType: "npm", namePrefix: "no-such-name-anywhere") { nodes { key } } }',
  '{ events(type: "policy.changed", source: "https://ci.example/unknown-names") { nodes { id } } }',
  '{ deadLetters(filter: { type: "policy.changed" }) { nodes { id } } }',
])('nothing of what is known is an honest nothing: %s', async (query) => {
  const [list] = Object.values<{ nodes: unknown[] }>(await field.ask(query));
  expect(list?.nodes).toEqual([]);
});

test.each([
  [['stats', '--environment', 'unknown-names/stagin'], 'unknown-names/staging'],
  [['impact', commit, '--environment', 'unknown-names/stagin'], 'unknown-names/staging'],
  [['gaps', '--environment', 'unknown-names/stagin'], 'unknown-names/staging'],
  [['search', 'shop', '--kind', 'Comit'], 'Commit'],
  [['unresolved', '--kind', 'Bild'], 'Build'],
  [['events', '--type', 'build.complete'], 'build.completed'],
])('the program says so too, and fails: stemma %j', async (args, nearest) => {
  const { exitCode, stderr } = await field.cli(args);
  expect(stderr).toContain(nearest);
  expect(exitCode).toBe(4);
});

test('a name means the environments and services that are called so, in every question, and no part of a longer name', async () => {
  const [scope, source] = ['unknown-names-parts', 'https://ci.example/unknown-names-parts'];
  const base = { specversion: '1.0', source, time: '2026-04-01T10:00:00Z' };
  const one = (id: string, environment: string, service: string) => [
    {
      ...{ ...base, id, type: 'deployment.created' },
      data: {
        ...{ deployment: id, commit: 'b0b0'.padEnd(40, '4'), environment, service, scope },
      },
    },
    { ...base, id: `${id}-done`, type: 'deployment.completed', data: { deployment: id } },
  ];
  const receipts = await field.post([
    ...one('short', 'parts-of-a-name', 'parts-web'),
    ...one('long', 'review/parts-of-a-name', 'parts-web'),
    ...one('other', 'parts-of-a-name', 'eu/parts-web'),
  ]);
  expect(receipts.every(({ status }) => status === 'APPLIED')).toBe(true);
  const [env, service] = ['environment: "parts-of-a-name"', 'service: "parts-web"'];
  const span = 'since: "2026-04-01T00:00:00Z", until: "2026-04-02T00:00:00Z"';
  const then = 'asOf: {valid: "2026-04-01T12:00:00Z"}';
  const answer = await field.ask(`{
    listed: deployments(${env}, ${service}) { nodes { key } }
    ofService: deployments(${service}) { nodes { key } }
    live: deployments(${env}, ${service}, live: true) { nodes { key } }
    liveThen: deployments(${env}, ${service}, live: true, ${then}) { nodes { key } }
    latest: latestDeployments(${env}, ${service}) { nodes { key } }
    statistics(${span}, ${env}) { deployments { succeeded } }
  }`);
  const keysOf = (list: { nodes: { key: string }[] }) => list.nodes.map(({ key }) => key).sort();
  const key = (name: string) => `${source}#${name}`;
  for (const name of ['listed', 'live', 'liveThen', 'latest']) {
    expect([name, keysOf(answer[name])]).toEqual([name, [key('short')]]);
  }
  expect(keysOf(answer.ofService)).toEqual([key('long'), key('short')]);
  expect(answer.statistics.deployments.succeeded).toBe(2);
});
