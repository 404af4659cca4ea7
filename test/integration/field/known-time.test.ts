import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repairCounter } from '../../../src/bus/log/repair.ts';
import { addPs } from '../../../src/cli/commands/ps.ts';
import { sha256 } from '../../../src/model/event.ts';
import type { ApiRole } from '../../../src/roles/api.ts';
import { GRAPH } from '../../../src/roles/graph.ts';
import { runCli } from '../../support/cli.ts';
import { event } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- the query decides the shape */

/** Nobody else accepts anything in this year, and no other log comes so far. */
const FRIDAY = '1991-05-03T18:00:00.000Z';
const FIRST_POSITION = 2e15 + 1_000 * randomInt(1, 1_000_000_000);

const SOURCE = 'https://cd.known-time.example';
const ENVIRONMENT = 'known-time/prod';
const file = (name: string) => `sha256:${sha256(`known-time ${name}`)}`;
const deployment = (name: string) => `${SOURCE}#${name}`;
const commit = sha256('known-time commit').slice(0, 40);
const build = `${SOURCE}/runs/1`;

/** On Friday afternoon `old` ran; that evening `new` was deployed, which was told on Monday. */
describe('a moment whose knowledge is a time', () => {
  let pipeline: Pipeline;
  let api: ApiRole;
  let clock = Date.parse('1991-05-03T12:00:00Z');
  let position: number;
  const ids: Record<string, string> = {};

  const tell = (type: string, time: string, data: object) =>
    event(type, data as Record<string, unknown>, { source: SOURCE, time: `1991-05-${time}:00Z` });
  const deploy = (name: string, time: string) => [
    tell('deployment.created', time, {
      ...{ deployment: name, artifacts: [file(name)], environment: 'prod', scope: 'known-time' },
      service: 'shop',
    }),
    tell('deployment.completed', time, { deployment: name }),
  ];
  const gql = async (query: string, variables: object = {}): Promise<any> => {
    const response = await fetch(`${api.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  };

  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers(), { publishedAt: () => clock });
    const { redis, keys } = pipeline;
    await repairCounter(redis, keys, { group: GRAPH.name, floor: FIRST_POSITION, now: clock });
    await redis.del(keys.gaps(GRAPH.name)); // nothing was lost
    await pipeline.startWriter();
    api = await pipeline.startApi();
    const known = await pipeline.publish([
      tell('build.completed', '03T11:00', {
        ...{ build, commit, outcome: 'success', builder: `${SOURCE}/runner` },
        artifacts: [{ digest: file('old') }],
      }),
      ...deploy('old', '03T11:30'),
    ]);
    position = known.at(-1)!.position;
    clock = Date.parse('1991-05-06T09:00:00Z');
    await pipeline.publish([
      ...deploy('new', '03T17:00'),
      tell('document.submitted', '03T17:00', sbom(file('new'))),
      tell('build.completed', '03T16:00', {
        ...{ build: `${build}2`, commit, outcome: 'success', builder: `${SOURCE}/runner` },
        artifacts: [{ digest: file('new') }],
      }),
    ]);
    await pipeline.caughtUp();
    for (const ref of [deployment('old'), deployment('new'), file('old'), file('new'), commit]) {
      const { data } = await gql('query ($ref: String!) { resolve(ref: $ref) { id } }', { ref });
      ids[ref] = data.resolve.id;
    }
  });
  afterAll(async () => {
    await pipeline.stop();
  });

  const live = async (asOf: object | null) => {
    const { data, errors } = await gql(
      `query ($asOf: AsOf) { deployments(live: true, environment: "${ENVIRONMENT}", asOf: $asOf) { nodes { key } } }`,
      { asOf },
    );
    expect(errors).toBeUndefined();
    return data.deployments.nodes.map(({ key }: { key: string }) => key);
  };

  it('knows what had been accepted by then', async () => {
    expect(await live(null)).toEqual([deployment('new')]);
    expect(await live({ valid: FRIDAY })).toEqual([deployment('new')]);
    expect(await live({ valid: FRIDAY, known: FRIDAY })).toEqual([deployment('old')]);
    expect(await live({ known: FRIDAY })).toEqual([deployment('old')]);
    // in the millisecond itself it is known, and not before
    expect(await live({ known: '1991-05-03T12:00:00Z' })).toEqual([deployment('old')]);
    expect(await live({ known: '1991-05-03T11:59:59.999Z' })).toEqual([]);
    expect(await live({ known: '1991-05-06T11:00:00+02:00' })).toEqual([deployment('new')]);
  });

  it('knows everything at a time that has not come', async () => {
    expect(await live({ known: '2999-01-01T00:00:00Z' })).toEqual([deployment('new')]);
  });

  it.each<[string, string]>([
    [
      'lineage',
      'lineage(of: $new, direction: UPSTREAM, asOf: $asOf) { nodes { node { key } } edges { type claims { claim } } }',
    ],
    [
      'lineage, page by page',
      'lineage(of: $new, direction: UPSTREAM, asOf: $asOf) { nodes { node { key } } pageInfo { hasNextPage } }',
    ],
    ['paths', 'paths(from: $new, to: $commit, asOf: $asOf) { paths { length } }'],
    [
      'impact',
      'impact(of: $commit, onlyLive: false, asOf: $asOf) { affected { nodes { deployment { key } } } }',
    ],
    [
      'contains',
      'contains(deployment: $new, asOf: $asOf) { packageCount documents { nodes { key } } }',
    ],
    [
      'dependencyPaths',
      'dependencyPaths(of: $new, package: "known-time-pad", asOf: $asOf) { packages { nodes { key } } }',
    ],
    [
      'isDeployed',
      `isDeployed(commit: "${commit}", asOf: $asOf) { deployments { nodes { deployment { key } } } }`,
    ],
    ['diff', 'diff(from: $old, to: $new, asOf: $asOf) { totals { kind added removed changed } }'],
    [
      'compromise',
      'compromise(of: $commit, between: { from: "1991-01-01T00:00:00Z", to: "1992-01-01T00:00:00Z" }, onlyLive: false, asOf: $asOf) { taintedCount rebuildCount }',
    ],
    [
      'gaps',
      `gaps(environment: "${ENVIRONMENT}", asOf: $asOf) { total gaps { nodes { kind at { key } } } }`,
    ],
    ['export', 'export(of: $new, direction: UPSTREAM, format: CSV, asOf: $asOf)'],
    ['entityAt', 'entityAt(id: $new, asOf: $asOf) { key }'],
    [
      'statistics',
      `statistics(since: "1991-05-01T00:00:00Z", until: "1991-06-01T00:00:00Z", environment: "${ENVIRONMENT}", asOf: $asOf) { deployments { succeeded } }`,
    ],
    [
      'fields of a deployment',
      'node(id: $new) { ... on Deployment { isLive(asOf: $asOf) liveSince(asOf: $asOf) origin(asOf: $asOf) { commits { nodes { key } } } } }',
    ],
  ])('%s says the same at the time as at the position', async (_, field) => {
    const answerAt = async (asOf: object | null) => {
      const names = { old: ids[file('old')], new: ids[deployment('new')], commit: ids[commit] };
      const used = Object.entries(names).filter(([name]) => field.includes(`$${name}`));
      const head = [...used.map(([name]) => `$${name}: ID!`), '$asOf: AsOf'].join(', ');
      const isOf = field.startsWith('entityAt');
      const query = `query (${isOf ? head.replace('AsOf', 'AsOf!') : head}) { ${field} }`;
      const { data, errors } = await gql(query, { ...Object.fromEntries(used), asOf });
      expect(errors).toBeUndefined();
      return data;
    };
    const then = await answerAt({ known: FRIDAY });
    expect(then).toEqual(await answerAt({ known: position }));
    expect(then).not.toEqual(await answerAt(field.startsWith('entityAt') ? {} : null));
  });

  it('streams a lineage as of a time', async () => {
    const rows = async (known: string) => {
      const url = `${api.address}/lineage.ndjson?of=${ids[deployment('new')]}&direction=upstream&known=${known}`;
      const response = await fetch(url);
      return { status: response.status, lines: (await response.text()).trimEnd().split('\n') };
    };
    const then = await rows(FRIDAY);
    expect(then).toEqual(await rows(String(position)));
    expect((await rows('2999-01-01')).lines.length).toBeGreaterThan(then.lines.length);
    const wrong = await rows('friday');
    expect([wrong.status, wrong.lines[0]]).toEqual([
      400,
      expect.stringContaining('neither a log number nor an RFC 3339 time'),
    ]);
  });

  it('refuses what is neither, with the form of a time', async () => {
    const { errors } = await gql(
      `{ deployments(live: true, environment: "${ENVIRONMENT}", asOf: { known: "friday" }) { nodes { key } } }`,
    );
    expect(errors[0].message).toContain('2026-11-21T10:00:00Z');
    expect(errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  it('says of each thing when it was learnt, and of what is only named that nobody knows', async () => {
    const { data } = await gql(
      `{ deployments(environment: "${ENVIRONMENT}") { nodes { key learntAt } } environments(scope: "known-time") { nodes { learntAt } } }`,
    );
    expect(data.deployments.nodes).toEqual([
      { key: deployment('new'), learntAt: '1991-05-06T09:00:00.000Z' },
      { key: deployment('old'), learntAt: '1991-05-03T12:00:00.000Z' },
    ]);
    expect(data.environments.nodes).toEqual([{ learntAt: null }]);
  });

  it('is what stemma ps --known shows, with when each deployment was learnt of', async () => {
    const ps = async (...flags: string[]) =>
      runCli([addPs], ['ps', ENVIRONMENT, ...flags], { url: api.address });
    const { out, status } = await ps('--known', '1991-05-03T18:00Z');
    expect([status, out.map((line) => line.split('\t').slice(-2))]).toEqual([
      0,
      [[deployment('old'), '1991-05-03T12:00:00.000Z']],
    ]);
    expect((await ps()).out.map((line) => line.split('\t').slice(-2))).toEqual([
      [deployment('new'), '1991-05-06T09:00:00.000Z'],
    ]);
    expect((await ps('--known', String(position))).out).toEqual(out);
    const wrong = await ps('--known', 'friday');
    expect([wrong.status, wrong.err[0]]).toEqual([
      2,
      expect.stringContaining('a log number, a day such as 2026-11-20'),
    ]);
  });
});

/** An SBOM of one package. */
function sbom(about: string) {
  const content = JSON.stringify({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    components: [
      { type: 'library', name: 'pad', version: '1.0.0', purl: 'pkg:npm/known-time-pad@1.0.0' },
    ],
  });
  return { digest: `sha256:${sha256(content)}`, content, about };
}
