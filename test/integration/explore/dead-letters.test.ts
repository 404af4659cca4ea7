import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDeadLetterStore } from '../../../src/roles/dead-letters.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

const BODY = '{"type":"build.started","source":"urn:ci","id":"broken"}';

describe('dead letters over GraphQL', () => {
  let pipeline: Pipeline;
  let asked: Asked;
  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    const { redis, keys } = pipeline;
    await pipeline.startWriter({ maxAttempts: 1 });
    for (const id of ['one', 'two', 'three']) {
      const n = await redis.incr(keys.counter);
      const e = BODY.replace('broken', id);
      await pipeline.append(keys.stream('build'), { n, acceptedAt: Date.now(), e });
    }
    await until(async () => (await pipeline.deadLetters()).length === 3, 30_000);
    asked = await createTestGraphql({
      deadLetters: createDeadLetterStore(pipeline, () => 0, Date.now),
    });
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await pipeline.stop();
  });

  async function data(query: string, variables?: Record<string, unknown>) {
    const answer = await asked.ask(query, variables);
    expect(answer.errors).toEqual([]);
    return answer.data;
  }
  const LIST = `query ($filter: DeadLetterFilter, $first: Int!, $after: String) {
    deadLetters(filter: $filter, first: $first, after: $after) {
      nodes { id state code reason attempts firstAt lastAt position type source eventId body replayedAs discardReason decidedAt }
      edges { cursor } pageInfo { hasNextPage endCursor } } }`;
  const list = async (filter: object | null = null, first = 50, after: string | null = null) =>
    (await data(LIST, { filter, first, after })).deadLetters;

  it('are listed newest first with everything there is to know, page by page, and filtered', async () => {
    const page = await list(null, 2);
    expect(page.nodes.map(({ eventId }: { eventId: string }) => eventId)).toEqual(['three', 'two']);
    expect(page.nodes[1]).toMatchObject({
      ...{
        state: 'OPEN',
        code: 'EVENT_MALFORMED',
        attempts: 1,
        type: 'build.started',
        source: 'urn:ci',
      },
      ...{ body: BODY.replace('broken', 'two'), position: 2, replayedAs: null, decidedAt: null },
    });
    const rest = await list(null, 2, page.pageInfo.endCursor);
    expect(rest.nodes.map(({ eventId }: { eventId: string }) => eventId)).toEqual(['one']);
    expect(rest.pageInfo.hasNextPage).toBe(false);
    expect((await list({ code: 'HANDLER_FAILED' })).nodes).toEqual([]);
    expect((await list({ until: '2020-01-01T00:00:00Z' })).nodes).toEqual([]);
  });

  it('are replayed once and discarded once; what was decided stays to be seen', async () => {
    const [three, two, one] = (await list()).nodes.map(({ id }: { id: string }) => id);
    const discard = `mutation ($ids: [ID!]!) { discardDeadLetters(ids: $ids, reason: "a test") { deadLetterId outcome replayedAs } }`;
    expect((await data(discard, { ids: [one, '1-1'] })).discardDeadLetters).toEqual([
      { deadLetterId: one, outcome: 'DISCARDED', replayedAs: null },
      { deadLetterId: '1-1', outcome: 'MISSING', replayedAs: null },
    ]);
    expect((await data(discard, { ids: [one] })).discardDeadLetters).toEqual([
      { deadLetterId: one, outcome: 'UNCHANGED', replayedAs: null },
    ]);
    const replay = `mutation ($ids: [ID!], $filter: DeadLetterFilter) { replayDeadLetters(ids: $ids, filter: $filter) { deadLetterId outcome replayedAs } }`;
    expect((await data(replay, { filter: { type: 'build.started' } })).replayDeadLetters).toEqual([
      { deadLetterId: three, outcome: 'REPLAYED', replayedAs: 4 },
      { deadLetterId: two, outcome: 'REPLAYED', replayedAs: 5 },
    ]);
    expect((await data(replay, { ids: [two, '1-1'] })).replayDeadLetters).toEqual([
      { deadLetterId: two, outcome: 'UNCHANGED', replayedAs: 5 },
      { deadLetterId: '1-1', outcome: 'MISSING', replayedAs: null },
    ]);
    const seen = await data(`query ($id: ID!) { deadLetter(id: $id) { state discardReason } }`, {
      id: one,
    });
    expect(seen.deadLetter).toEqual({ state: 'DISCARDED', discardReason: 'a test' });
    expect((await list({ state: 'REPLAYED' })).nodes).toHaveLength(2);
    const node = 'query ($id: ID!) { node(id: $id) { __typename id ... on DeadLetter { state } } }';
    const same = { __typename: 'DeadLetter', id: one, state: 'DISCARDED' };
    expect((await data(node, { id: one })).node).toEqual(same);
    expect((await data(node, { id: '1-1' })).node).toBeNull();
  });

  it('ask for what is needed, and say where there is no bus', async () => {
    const both = 'mutation { replayDeadLetters(ids: ["1-1"], filter: {}) { outcome } }';
    expect((await asked.ask(both)).codes).toEqual(['BAD_USER_INPUT']);
    expect((await asked.ask('mutation { replayDeadLetters { outcome } }')).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
    const bare = await createTestGraphql();
    expect((await bare.ask('{ deadLetters { nodes { id } } }')).codes).toEqual([
      'DEPENDENCY_UNAVAILABLE',
    ]);
    await bare.graphql.stop();
  });
});
