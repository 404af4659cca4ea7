import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  countDeadLetters,
  discardDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
} from '../../../src/bus/letters/dead-letters.ts';
import { setFailpoints } from '../../../src/failpoint.ts';
import { domainOf } from '../../../src/model/events/catalogue.ts';
import { contentHash, type Envelope } from '../../../src/model/event.ts';
import { event, hex } from '../../support/events.ts';
import { createPipeline, type Pipeline, type TestServers } from '../../support/pipeline.ts';
import {
  cleanState,
  FIXED_NOW,
  borrowGraph,
  stateOf,
  type EmptyGraph,
} from '../../support/pipeline-graph.ts';
import { sampleHistory } from '../../support/pipeline-history.ts';
import { sharedServers } from '../../support/servers.ts';

/** Events that come twice, late, malformed or poisonous. */

let own: EmptyGraph;
let servers: TestServers;
let pipeline: Pipeline;
let clock = FIXED_NOW;

beforeAll(async () => {
  own = await borrowGraph();
  servers = own.with(sharedServers().redisUrl);
}, 180_000);
afterAll(() => own.stop());
beforeEach(async () => {
  clock = FIXED_NOW;
  pipeline = await createPipeline(servers, { publishedAt: () => clock });
  await own.wipe();
});
afterEach(async () => {
  setFailpoints(undefined);
  await pipeline.stop();
});

/** Puts a copy on the bus that the edge did not recognise as one. */
async function deliver(envelope: Envelope): Promise<void> {
  const n = await pipeline.redis.incr(pipeline.keys.counter);
  await pipeline.append(pipeline.keys.stream(domainOf(envelope.type)), {
    ...{ n, acceptedAt: FIXED_NOW, h: contentHash(envelope), e: JSON.stringify(envelope) },
  });
}

const ANY = {
  state: null,
  code: null,
  type: null,
  source: null,
  since: null,
  until: null,
} as const;
const build = (id: string, data: Record<string, unknown> = {}): Envelope =>
  event('build.started', { build: `https://ci.example/deliveries/${id}`, ...data }, { id });

describe('deliveries', () => {
  test('F4 one event a hundred times to eight consumers: applied once, 99 times a duplicate', async () => {
    const envelope = build('again');
    for (let copy = 0; copy < 100; copy += 1) await deliver(envelope);
    const writers = await Promise.all(
      Array.from({ length: 8 }, () => pipeline.startWriter({ batchSize: 3 })),
    );
    await pipeline.caughtUp();
    const sum = (kind: 'applied' | 'duplicate' | 'dead' | 'redelivered'): number =>
      writers.reduce((count, writer) => count + writer.counts()[kind], 0);
    expect(await own.rows('MATCH (e:Event) RETURN e.eventId AS id')).toEqual([{ id: 'again' }]);
    expect([sum('applied'), sum('duplicate'), sum('dead'), sum('redelivered')]).toEqual([
      1, 99, 0, 0,
    ]);
    expect(await pipeline.deadLetters()).toEqual([]);
  });

  test('F5 one identity with another content: a conflict at the edge, a dead letter behind it, the first stays', async () => {
    const first = build('same', { name: 'first' });
    const other = build('same', { name: 'other' });
    const [appended] = await pipeline.publish([first]);
    const [refused] = await pipeline.publish([other]);
    expect(refused).toEqual({
      outcome: 'conflict',
      position: appended!.position,
      firstHash: contentHash(first),
    });
    await pipeline.startWriter();
    await pipeline.caughtUp();
    await deliver(other);
    await pipeline.caughtUp();
    const dead = await pipeline.deadLetters();
    expect(dead).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT', e: JSON.stringify(other) }]);
    expect(dead[0]!['message']).toMatch(/^id_conflict/);
    expect(await own.rows('MATCH (e:Event) RETURN e.body AS body, e.contentHash AS hash')).toEqual([
      { body: JSON.stringify(first), hash: contentHash(first) },
    ]);
    expect(await own.rows('MATCH (b:Build) RETURN b.name AS name')).toEqual([{ name: 'first' }]);
    const { items } = await listDeadLetters(pipeline, ANY, {
      limit: 10,
      position: null,
      backward: false,
    });
    expect(
      await replayDeadLetters(pipeline, [items[0]!.id], { now: clock, floor: 0 }),
    ).toMatchObject([{ outcome: 'conflict' }]);
  });

  test('F7 a child whose parent never comes: its parent is a placeholder, until it comes', async () => {
    await pipeline.startWriter();
    const digest = `sha256:${hex('orphan')}`;
    const run = 'https://ci.example/deliveries/late';
    await pipeline.publish([event('artifact.created', { digest, build: run })]);
    await pipeline.caughtUp();
    const unresolved =
      'MATCH (n) WHERE NOT n:Event AND NOT n:Migration AND coalesce(n.resolved, false) = false RETURN labels(n) AS labels, n.key AS key';
    expect(await own.rows(unresolved)).toEqual([{ labels: ['Build'], key: run }]);
    expect(await pipeline.deadLetters()).toEqual([]);
    await pipeline.publish([event('build.started', { build: run })]);
    await pipeline.caughtUp();
    expect(await own.rows(unresolved)).toEqual([]);
  });

  test('F16 sixteen writers on the same few nodes: no error for anyone, and the graph of one writer', async () => {
    const events = sampleHistory('storm', 16, 150);
    const clean = await cleanState(servers, own, events);
    await pipeline.publish(events);
    const writers = await Promise.all(
      Array.from({ length: 16 }, () => pipeline.startWriter({ batchSize: 4, maxInFlight: 2 })),
    );
    await pipeline.caughtUp();
    expect(await stateOf(pipeline)).toEqual(clean);
    expect(await pipeline.deadLetters()).toEqual([]);
    expect(writers.every((writer) => writer.state().phase === 'running')).toBe(true);
  });

  test('F18 no JSON: a dead letter after one attempt with the bytes as they came, its neighbours are applied', async () => {
    const events = sampleHistory('json', 18, 20);
    const clean = await cleanState(servers, own, events);
    const stream = pipeline.keys.stream('build');
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x22]); // neither JSON nor UTF-8
    await pipeline.publish(events.slice(0, 10));
    const id = await pipeline.redis.xadd(
      stream,
      '*',
      'n',
      5_000,
      'acceptedAt',
      FIXED_NOW,
      'e',
      bytes,
    );
    await pipeline.publish(events.slice(10));
    await pipeline.startWriter();
    await pipeline.caughtUp();
    expect((await stateOf(pipeline)).content).toEqual(clean.content);
    expect(await pipeline.deadLetters()).toMatchObject([
      { code: 'EVENT_MALFORMED', attempts: '1', n: '5000', stream, entryId: id, group: 'graph' },
    ]);
    const [[, fields]] = (await pipeline.redis.xrangeBuffer(pipeline.keys.dead, '-', '+')) as [
      [Buffer, Buffer[]],
    ];
    expect(fields.at(-1)).toEqual(bytes);
  });

  test('F19 a handler that always throws: a dead letter after all attempts, later events are applied', async () => {
    setFailpoints('crash_on:throws:throw');
    await pipeline.startWriter({ maxAttempts: 4 });
    await pipeline.publish([build('before'), build('throws'), build('after')]);
    await pipeline.caughtUp();
    await pipeline.publish([build('later')]);
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toMatchObject([
      { code: 'HANDLER_FAILED', attempts: '4', message: 'failpoint crash_on:throws' },
    ]);
    expect(await own.rows('MATCH (e:Event) RETURN e.eventId AS id ORDER BY id')).toEqual(
      ['after', 'before', 'later'].map((id) => ({ id })),
    );
    expect(await pipeline.redis.hlen(pipeline.keys.attempts('graph'))).toBe(0);
  });

  test('F21 a dead letter that is replayed after a fix: applied once, marked, and the graph is the one of the full input', async () => {
    const events = sampleHistory('replay', 21, 20);
    const poison = events[3]!;
    const clean = await cleanState(servers, own, events);
    setFailpoints(`crash_on:${poison.id}:throw`);
    await pipeline.startWriter({ maxAttempts: 2 });
    await pipeline.publish(events);
    await pipeline.caughtUp();
    expect((await stateOf(pipeline)).content).not.toEqual(clean.content);
    const { items, next } = await listDeadLetters(
      pipeline,
      { ...ANY, state: 'open', code: 'HANDLER_FAILED', type: poison.type, source: poison.source },
      { limit: 10, position: null, backward: false },
    );
    expect(next).toBeNull();
    expect(items).toMatchObject([
      { attempts: 2, eventId: poison.id, text: JSON.stringify(poison) },
    ]);
    const { id } = items[0]!;

    setFailpoints(undefined);
    clock += 3_600_000;
    const [outcome] = await replayDeadLetters(pipeline, [id], { now: clock, floor: 0 });
    expect(outcome).toEqual({ id, outcome: 'replayed', position: events.length + 1 });
    const again = await replayDeadLetters(pipeline, [id, '1-1'], { now: clock, floor: 0 });
    expect(again).toEqual([
      { id, outcome: 'already', position: events.length + 1 },
      { id: '1-1', outcome: 'missing' },
    ]);
    await pipeline.caughtUp();
    expect((await stateOf(pipeline)).content).toEqual(clean.content);
    expect((await showDeadLetter(pipeline, id))?.mark).toEqual({
      ...{ state: 'replayed', n: events.length + 1, at: clock },
    });
    expect(await countDeadLetters(pipeline)).toBe(0);
    // whoever sends it again learns of its new position
    expect(await pipeline.publish([poison])).toEqual([
      { outcome: 'duplicate', position: events.length + 1, first: null },
    ]);
  });

  test('dead letters are listed page by page, and discarded with a reason', async () => {
    for (let at = 0; at < 5; at += 1) {
      await pipeline.append(pipeline.keys.stream('build'), {
        n: 100 + at,
        acceptedAt: 1,
        e: `{${at}`,
      });
    }
    await pipeline.startWriter();
    await pipeline.caughtUp();
    const first = await listDeadLetters(pipeline, ANY, {
      limit: 2,
      position: null,
      backward: false,
    });
    const second = await listDeadLetters(pipeline, ANY, {
      limit: 2,
      position: first.next,
      backward: false,
    });
    const third = await listDeadLetters(pipeline, ANY, {
      limit: 2,
      position: second.next,
      backward: false,
    });
    const texts = [first, second, third].map(({ items }) => items.map(({ text }) => text));
    expect(texts).toEqual([['{4', '{3'], ['{2', '{1'], ['{0']]);
    expect(third.next).toBeNull();
    const oldest = { limit: 3, position: null, backward: true };
    const last = await listDeadLetters(pipeline, ANY, oldest);
    const before = await listDeadLetters(pipeline, ANY, { ...oldest, position: last.next });
    const backwards = [last, before].map(({ items }) => items.map(({ text }) => text));
    expect(backwards).toEqual([
      ['{0', '{1', '{2'],
      ['{3', '{4'],
    ]);
    expect(before.next).toBeNull();
    const { id } = first.items[0]!;
    const decision = { reason: 'a test', now: clock };
    expect(await discardDeadLetters(pipeline, [id, 'no id', '1-1'], decision)).toEqual([id]);
    expect(await discardDeadLetters(pipeline, [id], decision)).toEqual([]);
    expect(await countDeadLetters(pipeline)).toBe(4);
    const discarded = await listDeadLetters(
      pipeline,
      { ...ANY, state: 'discarded' },
      { limit: 9, position: null, backward: false },
    );
    expect(discarded.items).toMatchObject([
      { id, mark: { state: 'discarded', reason: 'a test', at: clock } },
    ]);
  });

  test('F28 a producer whose clock says 2099 or 1970: stored and flagged, and nothing is frozen by it', async () => {
    const run = 'https://ci.example/deliveries/skew';
    const at = (time: string, id: string, name: string): Envelope =>
      event('build.started', { build: run, name }, { id, time });
    await pipeline.startWriter();
    await pipeline.publish([
      at('2099-01-01T00:00:00Z', 'future', 'from 2099'),
      at('1970-01-01T00:00:00Z', 'past', 'from 1970'),
    ]);
    clock += 3_600_000;
    await pipeline.publish([at(new Date(clock).toISOString(), 'now', 'from now')]);
    await pipeline.caughtUp();
    expect(
      await own.rows(
        'MATCH (e:Event) RETURN e.eventId AS id, e.clockSkew AS skew, e.at AS at, e.acceptedAt AS acceptedAt ORDER BY e.n',
      ),
    ).toEqual([
      { id: 'future', skew: true, at: FIXED_NOW + 300_000, acceptedAt: FIXED_NOW },
      { id: 'past', skew: true, at: 0, acceptedAt: FIXED_NOW },
      { id: 'now', skew: null, at: clock, acceptedAt: clock },
    ]);
    expect(await own.rows('MATCH (b:Build) RETURN b.name AS name')).toEqual([{ name: 'from now' }]);
  });
});
