import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { repairCounter } from '../../src/bus/log/repair.ts';
import { planTrim, trim } from '../../src/bus/log/trim.ts';
import { GRAPH } from '../../src/roles/graph.ts';
import { event } from '../support/events.ts';
import { EVENTS, subscribed, take } from '../support/live.ts';
import { createPipeline, type Pipeline } from '../support/pipeline.ts';
import { startNeo4j, startRedis, type TestNeo4j, type TestRedis } from '../support/servers.ts';

const FLOOR = 1_000;

let redis: TestRedis;
let neo4j: TestNeo4j;
let pipeline: Pipeline;

beforeAll(async () => {
  [redis, neo4j] = await Promise.all([startRedis(), startNeo4j()]);
  pipeline = await createPipeline(
    {
      redisUrl: redis.url,
      ...{ neo4jUri: neo4j.uri, neo4jUser: neo4j.user, neo4jPassword: neo4j.password },
    },
    { producer: { floor: FLOOR } },
  );
}, 120_000);
afterAll(async () => {
  await pipeline.stop();
  await Promise.all([redis.stop(), neo4j.stop()]);
});

test.each(['ACCEPTED', 'APPLIED'])(
  'a graph whose log does not go back so far: what came before is not passed over in silence: %s',
  async (at) => {
    const { keys } = pipeline;
    await repairCounter(pipeline.redis, keys, {
      ...{ group: GRAPH.name, floor: FLOOR, now: Date.now() },
    });
    await pipeline.startWriter();
    const source = 'https://ci.example/live-expired';
    const builds = ['1', '2', '3'].map((id) =>
      event('build.started', { build: `${source}/${at}/${id}` }, { id: `${at}-${id}`, source }),
    );
    await pipeline.publish(builds);
    await pipeline.caughtUp();
    await trim(pipeline.redis, await planTrim(pipeline.redis, keys, GRAPH.name, Date.now()));
    const { address } = await pipeline.startApi();
    const first = subscribed(address, 'sse', EVENTS, { at, after: 5 }).next();
    await expect(first).rejects.toThrow('POSITION_EXPIRED');
    await expect(first).rejects.toThrow(`"oldest":${FLOOR + 1}`);
    const filter = { types: ['build.started'] };
    for (const after of [0, FLOOR]) {
      const told = await take(subscribed(address, 'sse', EVENTS, { at, after, filter }), 3);
      expect(told.ids.slice(0, 1)).toEqual(['ACCEPTED-1']);
    }
  },
);
