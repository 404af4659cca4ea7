import { afterEach, expect, test } from '@jest/globals';
import {
  countDeadLetters,
  discardDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
  type DeadLetters,
} from '../../../src/bus/letters/dead-letters.ts';
import { readinessOfBus } from '../../../src/bus/readiness.ts';
import { outcomesOf } from '../../../src/bus/log/resend.ts';
import { StemmaError } from '../../../src/errors.ts';
import { setFailpoints } from '../../../src/failpoint.ts';
import { createDeadLetterArchive } from '../../../src/graph/write/dead-letters.ts';
import type { DeadLetter, DeadLetterQuery } from '../../../src/model/dead-letters.ts';
import { event } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers, startRedis, type TestRedis } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** Dead letters that the bus has no room for. */

let pipeline: Pipeline;
let own: TestRedis | null = null;
afterEach(async () => {
  setFailpoints(undefined);
  await pipeline.stop();
  await own?.stop();
  own = null;
});

const ANY: DeadLetterQuery = {
  ...{ state: null, code: null, type: null, source: null, since: null, until: null },
};
const FAST = { maxAttempts: 1, maintenanceMs: 100 };

/** Bus and archive, as the API has them. */
function letters(): DeadLetters & { readonly group: string } {
  const { redis, keys, graph, statements } = pipeline;
  const archive = createDeadLetterArchive(graph, statements, keys.dead);
  return { redis, keys, group: 'graph', archive };
}

/** All of a list, and how many pages it took. */
async function readAll(query: DeadLetterQuery, backward: boolean, limit = 40) {
  const items: DeadLetter[] = [];
  let position: string | null = null;
  let pages = 0;
  do {
    const page = await listDeadLetters(letters(), query, { limit, position, backward });
    items.push(...page.items);
    position = page.next;
    pages += 1;
  } while (position !== null);
  return { items, pages };
}

/** Puts events on the bus that nobody can read. */
async function poison(from: number, to: number): Promise<void> {
  const { redis, keys } = pipeline;
  for (let at = from; at < to; at += 1) {
    const n = await redis.incr(keys.counter);
    const e = `{"type":"archive.${at % 50 === 7 ? 'rare' : 'usual'}","at":${at}`;
    await pipeline.append(keys.stream('testing'), { n, acceptedAt: 1_000 + at, e });
  }
}

test('dead letters beyond the limit move to the archive; each is listed once, filtered, and decided there as on the bus', async () => {
  pipeline = await createPipeline(sharedServers());
  const { redis, keys } = pipeline;
  await pipeline.startWriter({ ...FAST, deadLetterLimits: { letters: 30, bytes: 1e9 } });
  await poison(0, 250);
  await pipeline.caughtUp();
  await until(async () => (await redis.xlen(keys.dead)) === 30, 60_000);

  expect(await redis.hlen(keys.deadByPosition('graph'))).toBe(30);
  expect(await countDeadLetters(letters())).toBe(250);
  const newest = await readAll(ANY, false);
  const oldest = await readAll(ANY, true);
  const numbers = Array.from({ length: 250 }, (_, at) => at + 1);
  expect(oldest.items.map(({ n }) => n)).toEqual(numbers);
  expect(newest.items.map(({ n }) => n)).toEqual(numbers.toReversed());
  expect(oldest.items[7]).toMatchObject({
    ...{ n: 8, acceptedAt: 1_007, code: 'EVENT_MALFORMED', attempts: 1, group: 'graph' },
    ...{ stream: keys.stream('testing'), text: '{"type":"archive.rare","at":7', mark: null },
  });
  expect((await readAll({ ...ANY, code: 'HANDLER_FAILED' }, false)).items).toEqual([]);

  const [first] = oldest.items;
  const id = first!.id;
  const decision = { reason: 'a test', now: 5 };
  expect(await discardDeadLetters(letters(), [id, '1-1'], decision)).toEqual([id]);
  expect(await discardDeadLetters(letters(), [id], decision)).toEqual([]);
  expect((await showDeadLetter(letters(), id))?.mark).toEqual({
    ...{ state: 'discarded', reason: 'a test', at: 5 },
  });
  expect(await countDeadLetters(letters())).toBe(249);
  expect((await readAll({ ...ANY, state: 'discarded' }, true)).items).toHaveLength(1);

  // a letter that was decided on the bus keeps its mark on the way to the archive
  const last = newest.items[0]!.id;
  expect(await discardDeadLetters(letters(), [last], decision)).toEqual([last]);
  await poison(250, 300);
  await until(async () => (await letters().archive?.get(last)) !== null, 60_000);
  expect((await showDeadLetter(letters(), last))?.mark).toMatchObject({ reason: 'a test' });
  await until(async () => (await countDeadLetters(letters())) === 298, 30_000);
  expect(await redis.hlen(keys.deadMarks)).toBe(0);
}, 180_000);

test('what became of an event is known as long as the log has its number, also where its letter is archived', async () => {
  pipeline = await createPipeline(sharedServers());
  const { redis, keys } = pipeline;
  const good = event('testing.started', { id: 'archive-good' }, { id: 'archive-good' });
  const bad = event('testing.started', { id: 'archive-bad' }, { id: 'archive-bad' });
  setFailpoints('crash_on:archive-bad:throw');
  await pipeline.startWriter({ ...FAST, deadLetterLimits: { letters: 0, bytes: 1e9 } });
  await pipeline.publish([good, bad]);
  await pipeline.caughtUp();
  await until(async () => (await redis.xlen(keys.dead)) === 0, 60_000);
  expect(await redis.hlen(keys.deadByPosition('graph'))).toBe(0);

  const applied = { status: 'APPLIED', error: null };
  expect(await outcomesOf(letters(), [1, 2, 3])).toMatchObject([
    applied,
    { status: 'DEAD_LETTERED', error: { message: expect.any(String) } },
    null,
  ]);

  // after the fix it is replayed from the archive: applied once, under a new log number
  setFailpoints(undefined);
  const [{ id }] = (await readAll(ANY, false)).items as [DeadLetter];
  const clock = { now: 7, floor: 0 };
  expect(await replayDeadLetters(letters(), [id], clock)).toEqual([
    { id, outcome: 'replayed', position: 3 },
  ]);
  expect(await replayDeadLetters(letters(), [id, '1-1'], clock)).toEqual([
    { id, outcome: 'already', position: 3 },
    { id: '1-1', outcome: 'missing' },
  ]);
  await pipeline.caughtUp();
  expect(await outcomesOf(letters(), [3])).toEqual([applied]);
  expect(await countDeadLetters(letters())).toBe(0);
  expect((await showDeadLetter(letters(), id))?.mark).toEqual({ state: 'replayed', n: 3, at: 7 });
  expect(await pipeline.publish([bad])).toEqual([
    { outcome: 'duplicate', position: 3, first: null },
  ]);
}, 120_000);

test('a Redis that lost count of the archive counts again', async () => {
  pipeline = await createPipeline(sharedServers());
  const { redis, keys } = pipeline;
  const limits = { deadLetterLimits: { letters: 0, bytes: 1e9 } };
  await pipeline.startWriter({ ...FAST, ...limits });
  await poison(0, 3);
  await until(async () => (await redis.hget(keys.deadArchive, 'open')) === '3', 60_000);
  await redis.del(keys.deadArchive);
  await pipeline.startWriter({ ...FAST, ...limits });
  await until(async () => (await countDeadLetters(letters())) === 3, 60_000);
  expect(await redis.hget(keys.deadArchive, 'through')).toBe('3');
}, 120_000);

test('a filter that finds little looks at so many letters for a page, and the next page goes on', async () => {
  pipeline = await createPipeline(sharedServers());
  const { redis, keys } = pipeline;
  const adding = redis.pipeline();
  for (let at = 0; at < 2_500; at += 1) {
    const code = at === 3 ? 'RARE' : 'USUAL';
    adding.xadd(keys.dead, `${1_000 + at}-0`, 'n', at + 1, 'code', code, 'e', '{}');
  }
  await adding.exec();
  const page = { limit: 10, position: null, backward: false };
  const first = await listDeadLetters(letters(), { ...ANY, code: 'RARE' }, page);
  expect(first).toMatchObject({ items: [], next: '2500-0' });
  const all = await readAll({ ...ANY, code: 'RARE' }, false);
  expect([all.items.map(({ n }) => n), all.pages]).toEqual([[4], 3]);
}, 60_000);

test('a flood of large poisonous events neither fills Redis nor stops publishing, and none of them is lost', async () => {
  own = await startRedis({ maxmemory: '24mb' });
  pipeline = await createPipeline({ ...sharedServers(), redisUrl: own.url });
  const { redis, keys } = pipeline;
  const ids = Array.from({ length: 300 }, (_, at) => `flood-${at}`);
  setFailpoints(ids.map((id) => `crash_on:${id}:throw`).join(','));
  await pipeline.startWriter({ ...FAST, deadLetterLimits: { letters: 1e6, bytes: 2e6 } });
  for (const id of ids) {
    // 30 MB in all
    const flood = event('testing.started', { id, filling: 'x'.repeat(100_000) }, { id });
    await until(async () => {
      try {
        return (await pipeline.publish([flood])).length === 1;
      } catch (error) {
        if (error instanceof StemmaError && error.code === 'BACKPRESSURE') return false;
        throw error;
      }
    }, 60_000);
  }
  await pipeline.caughtUp();
  await until(async () => (await redis.xlen(keys.dead)) < 100, 60_000);
  expect(await countDeadLetters(letters())).toBe(300);
  const { items } = await readAll(ANY, true);
  expect(items.map(({ eventId }) => eventId).sort()).toEqual(ids.toSorted());
  const checks = await readinessOfBus({
    ...{ redis, keys, group: 'graph', floor: 0, now: Date.now },
  });
  expect(checks.find(({ name }) => name === 'bus-dead-letters')).toMatchObject({
    ...{ ok: true, detail: expect.stringMatching(/^300 open, \d+ of all on the bus$/) },
  });
}, 240_000);
