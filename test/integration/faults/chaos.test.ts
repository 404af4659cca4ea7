import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { runChaos } from '../../support/chaos.ts';
import { killGraphProcesses } from '../../support/graph-process.ts';
import { startOwnGraph, type OwnGraph } from '../../support/pipeline-graph.ts';
import { startRedis, type TestRedis } from '../../support/servers.ts';

/** A short one; `npm run chaos -- --seeds 10` is the long one. */

let redis: TestRedis;
let own: OwnGraph;
beforeAll(async () => {
  [redis, own] = await Promise.all([startRedis(), startOwnGraph()]);
}, 120_000);
afterEach(() => killGraphProcesses());
afterAll(async () => {
  await Promise.all([redis.stop(), own.stop()]);
});

test('under random faults: acknowledged ⊆ stored ⊆ sent, each once, and each word of a receipt is true a second later', async () => {
  const { words, ...result } = await runChaos({
    ...{ redis, own, seed: 1, seconds: 8, writers: 2, producers: 1 },
    say: () => undefined,
  });
  expect(result).toMatchObject({
    ...{ acknowledgedNotStored: 0, storedNotSent: 0, storedTwice: 0, storedElsewhere: 0 },
    ...{ untrue: 0, deadLetters: 0, lost: 0, different: [] },
    ok: true,
  });
  expect(words['APPLIED']).toBeGreaterThan(0);
}, 600_000);
