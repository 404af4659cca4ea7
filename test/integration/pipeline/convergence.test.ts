import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Envelope } from '../../../src/model/event.ts';
import { createPipeline, type TestServers } from '../../support/pipeline.ts';
import { FIXED, borrowGraph, stateOf, type EmptyGraph } from '../../support/pipeline-graph.ts';
import { deliveries, histories } from '../../support/pipeline-history.ts';
import { sharedServers } from '../../support/servers.ts';
import { verifyGraph } from '../../../src/replay/verify.ts';
import type { Digests } from '../../../src/graph/digest.ts';

/** Several histories at once in one graph: reading a digest costs more than writing a history. */
const TOGETHER = 10;
const ROUNDS = Number(process.env['STEMMA_TEST_ROUNDS'] ?? 11);
const SEED = Number(process.env['STEMMA_TEST_SEED'] ?? 20_261_121);

let own: EmptyGraph;
let servers: TestServers;
beforeAll(async () => {
  own = await borrowGraph();
  servers = own.with(sharedServers().redisUrl);
}, 180_000);
afterAll(() => own.stop());

async function contentOf(
  events: readonly Envelope[],
  writers: number,
  batchSize: number,
): Promise<Digests> {
  await own.wipe();
  const pipeline = await createPipeline(servers, {
    ...FIXED,
    // every copy reaches the writers: the edge remembers nothing
    producer: { windowSize: 1, batchSize: 3 },
  });
  try {
    await pipeline.publish(events);
    await Promise.all(Array.from({ length: writers }, () => pipeline.startWriter({ batchSize })));
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
    expect((await verifyGraph(pipeline)).differences).toEqual([]);
    return (await stateOf(pipeline)).content;
  } finally {
    await pipeline.stop();
  }
}

const worlds = Array.from({ length: TOGETHER }, (_, at) => `w${at}`);
const told = fc
  .tuple(...worlds.map((world) => histories(world, { min: 4, max: 14 })))
  .chain((all) => {
    const events = all.flat();
    return fc.record({ events: fc.constant(events), delivered: deliveries(events) });
  });

describe('the same set of events', () => {
  test(`F6 gives the same graph in any order, with duplicates, with two writers (${ROUNDS * TOGETHER} histories, seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(told, async ({ events, delivered }) => {
        const inOrder = await contentOf(events, 1, 1_000);
        expect(await contentOf(delivered, 2, 7)).toEqual(inOrder);
      }),
      { numRuns: ROUNDS, seed: SEED, endOnFailure: true },
    );
  }, 300_000);
});
