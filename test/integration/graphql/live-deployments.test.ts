import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReader } from '../../../src/graph/read/reader.ts';
import { event, hex } from '../../support/events.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

const QUERY = `query ($environment: String, $service: String, $state: DeploymentState, $live: Boolean,
  $first: Int, $after: String, $last: Int, $before: String) {
  deployments(environment: $environment, service: $service, state: $state, live: $live,
    first: $first, after: $after, last: $last, before: $before) {
    nodes { key isLive } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

describe('deployments(live)', () => {
  let pipeline: Pipeline;
  let asked: Asked;
  let source: string;
  let environment: string;

  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    await pipeline.startWriter();
    asked = await createTestGraphql({ reader: createReader(pipeline.graph, pipeline.statements) });
    source = `https://ci.example/${pipeline.tag}`;
    environment = `${pipeline.tag}/prod`;
    let clock = Date.parse('2026-11-01T00:00:00Z');
    const tell = (type: string, data: Record<string, unknown>) =>
      event(type, data, { source, time: new Date((clock += 60_000)).toISOString() });
    const deploy = (deployment: string, service: string, more: Record<string, unknown> = {}) => [
      tell('deployment.created', {
        ...{ deployment, service, environment: 'prod', scope: pipeline.tag },
        artifacts: [`sha256:${hex(pipeline.tag)}`],
        ...more,
      }),
      tell('deployment.completed', { deployment }),
    ];
    await pipeline.publish([
      ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6'].flatMap((name) => deploy(name, 'a')),
      ...['b', 'c', 'd', 'e'].flatMap((name) => deploy(name, name)),
      tell('deployment.removed', { deployment: 'c' }),
      ...deploy('f', 'f', { environment: 'stage' }),
    ]);
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await pipeline.stop();
  });

  const page = async (variables: Record<string, unknown>) => {
    const { data, errors } = await asked.ask(QUERY, { environment, ...variables });
    expect(errors).toEqual([]);
    const { nodes, pageInfo } = data.deployments;
    const names = nodes.map(({ key }: { key: string }) => key.slice(source.length + 1));
    return { names, nodes, pageInfo };
  };

  it('gives what isLive says, with the other filters', async () => {
    expect((await page({ live: true })).names).toEqual(['a6', 'b', 'd', 'e']);
    expect((await page({ live: false })).names).toEqual([
      ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'c'],
    ]);
    const all = (await page({})).nodes as { key: string; isLive: boolean }[];
    for (const live of [true, false]) {
      expect((await page({ live })).nodes).toEqual(all.filter(({ isLive }) => isLive === live));
    }
    const service = `${pipeline.tag}/a`;
    expect((await page({ live: true, service })).names).toEqual(['a6']);
    expect((await page({ live: false, state: 'REMOVED' })).names).toEqual(['c']);
    expect((await page({ live: true, environment: `${pipeline.tag}/stage` })).names).toEqual(['f']);
  });

  it('fills its pages, forwards and backwards', async () => {
    const first = await page({ live: true, first: 2 });
    expect([first.names, first.pageInfo.hasNextPage]).toEqual([['a6', 'b'], true]);
    const second = await page({ live: true, first: 2, after: first.pageInfo.endCursor });
    expect([second.names, second.pageInfo.hasNextPage]).toEqual([['d', 'e'], false]);
    const last = await page({ live: true, last: 3 });
    expect([last.names, last.pageInfo.hasPreviousPage]).toEqual([['b', 'd', 'e'], true]);
    const before = await page({ live: true, last: 3, before: last.pageInfo.startCursor });
    expect([before.names, before.pageInfo.hasPreviousPage]).toEqual([['a6'], false]);
  });

  it('refuses the cursor of another filter', async () => {
    const { pageInfo } = await page({ live: true, first: 2 });
    const variables = { environment, live: false, after: pageInfo.endCursor };
    expect((await asked.ask(QUERY, variables)).codes).toEqual(['CURSOR_INVALID']);
  });
});
