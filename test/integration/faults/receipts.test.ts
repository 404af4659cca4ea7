import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Redis } from '../../../src/bus/redis.ts';
import { connectRedis, whenConnected } from '../../../src/bus/redis.ts';
import { progressOf } from '../../../src/bus/log/lag.ts';
import { repairCounter } from '../../../src/bus/log/repair.ts';
import { discardDeadLetters, listDeadLetters } from '../../../src/bus/letters/dead-letters.ts';
import { createEventReader } from '../../../src/graph/read/events.ts';
import { setFailpoints } from '../../../src/failpoint.ts';
import type { Envelope } from '../../../src/model/event.ts';
import type { Publisher, Receipt } from '../../../src/model/receipt.ts';
import { GRAPH } from '../../../src/roles/graph.ts';
import { createPublisher } from '../../../src/roles/publisher.ts';
import { edgeIntake } from '../../support/edge.ts';
import { event } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** What a receipt says is true: of copies of events, of what writers reported while nobody listened, and of what was lost. */

let pipeline: Pipeline;
let subscriber: Redis;
let publisher: Publisher & { stop(): Promise<void> };
let source: string;
/** Questions to the bus for outcomes of the publisher. */
let questions: number;

beforeEach(async () => {
  source = `https://ci.example/receipts/${randomUUID()}`;
  pipeline = await createPipeline(sharedServers());
  const { redis, keys, producer } = pipeline;
  subscriber = connectRedis({
    ...{ url: sharedServers().redisUrl, name: 'receipts', failFast: false },
  });
  await whenConnected(subscriber);
  questions = 0;
  const counted = new Proxy(redis, {
    get(target, name) {
      if (name === 'evalsha') questions += 1;
      const found = Reflect.get(target, name) as unknown;
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
  publisher = await createPublisher({
    ...{ producer, subscriber, now: Date.now, pollMs: 50 },
    bus: { redis: counted, keys, group: GRAPH.name },
  });
});
afterEach(async () => {
  setFailpoints(undefined);
  await publisher.stop();
  await pipeline.stop();
});

function build(id: string): Envelope {
  return event('build.started', { build: `${source}/${id}` }, { id, source });
}

async function send(
  events: readonly Envelope[],
  options: { wait: 'ACCEPTED' | 'APPLIED'; waitMs: number } = { wait: 'ACCEPTED', waitMs: 0 },
): Promise<Receipt[]> {
  const { intake } = edgeIntake({ publisher, now: Date.now });
  const submissions = events.map((value) => ({ raw: JSON.stringify(value), value }));
  return intake.accept(submissions, options);
}

const APPLIED = { wait: 'APPLIED', waitMs: 30_000 } as const;

const ANY = {
  ...{ state: null, code: null, type: null, source: null, since: null, until: null },
} as const;

test('a duplicate says what became of the first: ACCEPTED while it is on its way, then APPLIED', async () => {
  await send([build('a')]);
  expect(await send([build('a')])).toMatchObject([
    { status: 'DUPLICATE', first: 'ACCEPTED', position: 1, error: null },
  ]);
  await pipeline.startWriter();
  expect(await send([build('a')], APPLIED)).toMatchObject([
    { status: 'DUPLICATE', first: 'APPLIED', position: 1 },
  ]);
});

test('an event that became a dead letter and is sent again after the fix is applied', async () => {
  setFailpoints('crash_on:poison:throw');
  await pipeline.startWriter({ maxAttempts: 1 });
  expect(await send([build('poison')], APPLIED)).toMatchObject([
    { status: 'DEAD_LETTERED', position: 1, error: { code: 'HANDLER_FAILED' } },
  ]);
  setFailpoints(undefined);
  const [sent] = await send([build('poison')], APPLIED);
  expect(sent).toMatchObject({ status: 'APPLIED', position: 2, error: null });
  // once: whoever sends it a third time hears of the copy that was applied
  expect(await send([build('poison')])).toMatchObject([
    { status: 'DUPLICATE', first: 'APPLIED', position: 2 },
  ]);
  const { items } = await listDeadLetters(pipeline, ANY, {
    limit: 10,
    position: null,
    backward: false,
  });
  expect(items.map(({ mark }) => mark)).toMatchObject([{ state: 'replayed', n: 2 }]);
});

test('a copy of an event whose dead letter an operator discarded is DEAD_LETTERED, with the reason', async () => {
  setFailpoints('crash_on:poison:throw');
  await pipeline.startWriter({ maxAttempts: 1 });
  await send([build('poison')], APPLIED);
  const { items } = await listDeadLetters(pipeline, ANY, {
    limit: 10,
    position: null,
    backward: false,
  });
  await discardDeadLetters(pipeline, [items[0]!.id], { reason: 'a test of the plugin', now: 1 });
  expect(await send([build('poison')])).toMatchObject([
    {
      ...{ status: 'DEAD_LETTERED', position: 1, first: null },
      error: { code: 'HANDLER_FAILED', message: expect.stringContaining('a test of the plugin') },
    },
  ]);
});

test('waiting for a thousand events asks the bus one question at a time for all of them, and the database none', async () => {
  const events = Array.from({ length: 1_000 }, (_, at) => build(`many-${at}`));
  let reads = 0;
  const read = pipeline.graph.read.bind(pipeline.graph);
  Object.assign(pipeline.graph, {
    read: async (...all: Parameters<typeof read>) => ((reads += 1), read(...all)),
  });
  const receipts = send(events, { wait: 'APPLIED', waitMs: 3_000 });
  expect((await receipts).every(({ status }) => status === 'ACCEPTED')).toBe(true);
  expect(questions).toBeGreaterThan(0);
  expect(questions).toBeLessThan(100); // one in 50 ms, for three seconds at the most
  expect(reads).toBe(0);
});

test('a report that was missed is made up for', async () => {
  const sent = send([build('unheard')], APPLIED);
  await until(async () => (await pipeline.redis.get(pipeline.keys.counter)) === '1');
  await subscriber.unsubscribe();
  await pipeline.startWriter();
  expect(await sent).toMatchObject([{ status: 'APPLIED', position: 1 }]);
});

test('an event that was lost before it was read is taken again when it is sent again', async () => {
  await send([build('lost'), build('kept')]);
  const stream = pipeline.keys.stream('build');
  const [first] = await pipeline.redis.xrange(stream, '-', '+', 'COUNT', 1);
  await pipeline.redis.xdel(stream, first![0]);
  let lost = 0;
  await pipeline.startWriter({ maintenanceMs: 10, onLost: (count) => (lost += count) });
  await until(() => lost > 0);
  expect(await send([build('lost'), build('kept')], APPLIED)).toMatchObject([
    { status: 'APPLIED', position: 3 },
    { status: 'DUPLICATE', first: 'APPLIED', position: 2 },
  ]);
});

test('after the counter was mended, an event that still waits is ACCEPTED and not APPLIED, until it is', async () => {
  const { redis, keys } = pipeline;
  await send([build('old 1'), build('old 2')]);
  // Redis came back from an old copy: the graph has numbers that it does not know, and not what waits in it
  const floor = 40;
  expect(await repairCounter(redis, keys, { group: GRAPH.name, floor, now: 1 })).toBe(true);
  expect(await send([build('old 1')])).toMatchObject([
    { status: 'DUPLICATE', first: 'ACCEPTED', position: 1 },
  ]);
  expect(await progressOf(redis, keys, GRAPH.name)).toMatchObject({ through: 0, waiting: 2 });
  expect(await send([build('new')])).toMatchObject([{ status: 'ACCEPTED', position: floor + 1 }]);
  await pipeline.startWriter();
  expect(await send([build('old 1'), build('old 2')], APPLIED)).toMatchObject([
    { status: 'DUPLICATE', first: 'APPLIED', position: 1 },
    { status: 'DUPLICATE', first: 'APPLIED', position: 2 },
  ]);
  await pipeline.caughtUp();
  expect(await progressOf(redis, keys, GRAPH.name)).toMatchObject({
    through: floor + 1,
    waiting: 0,
  });
});

test('a copy of an event of which Redis has lost what became is sent again, and the graph says whether it has it', async () => {
  const { redis, keys } = pipeline;
  await send([build('kept')]);
  await pipeline.startWriter();
  await pipeline.caughtUp();
  await send([build('applied')]);
  await pipeline.caughtUp();
  await pipeline.stopWriters();
  await send([build('gone')]);
  const stream = keys.stream('build');
  await redis.xtrim(stream, 'MAXLEN', 0);
  await redis.set(keys.counter, 1); // the numbers 2 and 3 are lost, and the first of them is in the graph
  expect(await repairCounter(redis, keys, { group: GRAPH.name, floor: 3, now: 1 })).toBe(true);
  await pipeline.startWriter();
  expect(await send([build('kept'), build('applied'), build('gone')], APPLIED)).toMatchObject([
    { status: 'DUPLICATE', first: 'APPLIED', position: 1 },
    { position: 4, error: null },
    { status: 'APPLIED', position: 5 },
  ]);
  const { items } = await createEventReader(pipeline.graph, pipeline.statements).events(
    {
      ...{ type: null, source, subjectRef: null, subject: null, correlationId: null },
      ...{ causationId: null, workflowId: null, outcome: null, since: null, until: null },
    },
    { limit: 10, position: null, backward: false, body: false },
  );
  expect(items.map(({ eventId }) => eventId).sort()).toEqual(['applied', 'gone', 'kept']);
});
