import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReader } from '../../../src/graph/read/reader.ts';
import { createSubgraphReader } from '../../../src/graph/read/subgraph.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { event, hex } from '../../support/events.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

/*
 *   commit ← build ← near ← middle ← app        (near: built from the commit, holds lib; the others: derived from the one before)
 *                     ↑                ↑
 *               deployment near   deployment far
 */
describe('questions about more than one of them reads', () => {
  let pipeline: Pipeline;
  let source: string;
  const opened: Asked[] = [];
  const key = (name: string) => `sha256:${hex(`${name}${source.slice(-20)}`)}`;
  const purl = (name: string) => `pkg:npm/${pipeline.tag}-${name}@1.0.0`;
  const artifact = (name: string) => toId({ label: 'Artifact', key: key(name) });
  const deployment = (name: string) => toId({ label: 'Deployment', key: `${source}#${name}` });
  const builder = () => `${source}/builder`;
  const commit = () => hex(pipeline.tag, 40);
  const environments = () => ['near', 'far'].map((name) => `${pipeline.tag}/${name}`);

  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    source = `https://ci.example/${pipeline.tag}`;
    await pipeline.startWriter();
    const build = `${source}/runs/1`;
    const content = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      serialNumber: `urn:uuid:${pipeline.tag.slice(2)}`,
      components: ['lib', 'one', 'two'].map((name) => ({
        ...{ type: 'library', name, 'bom-ref': name, purl: purl(name) },
      })),
    });
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const told: [string, Record<string, unknown>][] = [
      ['build.started', { build, builder: builder(), commit: commit() }],
      ['build.completed', { build, outcome: 'success', artifacts: [{ digest: key('near') }] }],
      ['document.submitted', { digest, content, about: key('near') }],
      ['artifact.created', { digest: key('middle'), derivedFrom: [key('near')] }],
      ['artifact.created', { digest: key('app'), derivedFrom: [key('middle')] }],
      ['vulnerability.detected', { vulnerability: advisory(), affects: [purl('lib')] }],
      ['vulnerability.detected', { vulnerability: cleared(), affects: [purl('one')] }],
      [
        'vulnerability.triaged',
        { vulnerability: cleared(), products: [purl('one')], status: 'fixed' },
      ],
      ...(['near', 'app'] as const).flatMap((name): [string, Record<string, unknown>][] => {
        const environment = name === 'app' ? 'far' : 'near';
        const data = { environment, scope: pipeline.tag, artifacts: [key(name)] };
        return [
          ['deployment.created', { deployment: environment, ...data }],
          ['deployment.completed', { deployment: environment }],
        ];
      }),
    ];
    await pipeline.publish(told.map(([type, data]) => event(type, data, { source })));
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
  });
  afterAll(async () => {
    for (const { graphql } of opened) await graphql.stop();
    await pipeline.stop();
  });
  const advisory = () => `CVE-${pipeline.tag}`;
  const cleared = () => `CVE-${pipeline.tag}-cleared`;

  /** Asks a service of which one walk reads so many nodes. */
  async function ask(maxNodes: number, query: string, variables: Record<string, unknown>) {
    const { graph, statements } = pipeline;
    const reader = {
      ...createReader(graph, statements),
      ...createSubgraphReader(graph, statements, { maxNodes }),
    };
    const asked = await createTestGraphql({ reader });
    opened.push(asked);
    const { data, errors } = await asked.ask(query, variables);
    expect(errors).toEqual([]);
    return data;
  }

  it('impact: what was not reached is UNKNOWN, because it was TRUNCATED', async () => {
    const query = `query ($of: ID!, $environments: [String!]) { impact(of: $of, environments: $environments) {
      truncated affected { nodes { deployment { key } } } unknown { nodes { deployment { key } reason } } notAffectedCount } }`;
    const of = toId({ label: 'Vulnerability', key: advisory() });
    const ofNodes = async (maxNodes: number) =>
      (await ask(maxNodes, query, { of, environments: environments() })).impact;
    const [near, far] = ['near', 'far'].map((name) => ({ key: `${source}#${name}` }));
    // lib, near, its deployment, and middle without what leads on from it
    expect(await ofNodes(3)).toEqual({
      truncated: true,
      affected: { nodes: [{ deployment: near }] },
      unknown: { nodes: [{ deployment: far, reason: 'TRUNCATED' }] },
      notAffectedCount: 0,
    });
    // as many as there are
    const whole = {
      truncated: false,
      affected: { nodes: [{ deployment: far }, { deployment: near }] },
      unknown: { nodes: [] },
      notAffectedCount: 0,
    };
    expect(await ofNodes(6)).toEqual(whole);
    expect((await ofNodes(5)).truncated).toBe(true);
  });

  it('isDeployed: an environment that was not reached is not said to be without the commit', async () => {
    const query = `query ($commit: String!, $environments: [String!]) { isDeployed(commit: $commit, environments: $environments) {
      truncated environments { environment { name } deployed count unknown } } }`;
    const ofNodes = async (maxNodes: number) =>
      (await ask(maxNodes, query, { commit: commit(), environments: environments() })).isDeployed;
    const near = { environment: { name: 'near' }, deployed: true, count: 1, unknown: 0 };
    expect(await ofNodes(4)).toEqual({
      truncated: true,
      environments: [{ environment: { name: 'far' }, deployed: null, count: 0, unknown: 1 }, near],
    });
    expect(await ofNodes(100)).toEqual({
      truncated: false,
      environments: [{ ...near, environment: { name: 'far' } }, near],
    });
  });

  it('contains: neither complete nor cleared', async () => {
    const query = `query ($of: ID!) { contains(deployment: $of) {
      truncated complete packageCount vulnerabilities { nodes { vulnerability { key } cleared } } } }`;
    const ofNodes = async (maxNodes: number) =>
      (await ask(maxNodes, query, { of: deployment('near') })).contains;
    const whole = await ofNodes(100);
    expect(whole).toEqual({
      ...{ truncated: false, complete: true, packageCount: 3 },
      vulnerabilities: {
        nodes: [
          { vulnerability: { key: advisory() }, cleared: false },
          { vulnerability: { key: cleared() }, cleared: true },
        ],
      },
    });
    expect(await ofNodes(4)).toEqual({
      ...{ ...whole, truncated: true, complete: false },
      vulnerabilities: {
        nodes: whole.vulnerabilities.nodes.map((one: object) => ({ ...one, cleared: false })),
      },
    });
  });

  it('compromise: the tainted deployments that were reached, and no smallest set', async () => {
    const query = `query ($of: ID!, $environments: [String!]) { compromise(of: $of, environments: $environments,
      between: { from: "2020-01-01T00:00:00Z", to: "2030-01-01T00:00:00Z" }) {
      truncated taintedCount exact rebuild { nodes { key } } } }`;
    const of = toId({ label: 'Builder', key: builder() });
    const ofNodes = async (maxNodes: number) =>
      (await ask(maxNodes, query, { of, environments: environments() })).compromise;
    const rebuild = { nodes: [{ key: key('near') }] };
    expect(await ofNodes(3)).toEqual({ truncated: true, taintedCount: 1, exact: false, rebuild });
    expect(await ofNodes(100)).toEqual({ truncated: false, taintedCount: 2, exact: true, rebuild });
  });

  it.each([
    ['diff', '($of: ID!, $other: ID!) { diff(from: $of, to: $other) { truncated } }'],
    [
      'diff, of the other side',
      '($of: ID!, $other: ID!) { diff(from: $other, to: $of) { truncated } }',
    ],
    ['gaps', '($of: ID!) { gaps(of: $of) { truncated } }'],
  ])('%s: says so', async (name, query) => {
    const variables = name === 'gaps' ? {} : { other: artifact('app') };
    const ofNodes = async (maxNodes: number) =>
      Object.values(
        await ask(maxNodes, `query ${query}`, { of: deployment('near'), ...variables }),
      );
    expect(await ofNodes(3)).toEqual([{ truncated: true }]);
    expect(await ofNodes(100)).toEqual([{ truncated: false }]);
  });
});
