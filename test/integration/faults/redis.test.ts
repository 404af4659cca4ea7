import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { capabilitiesOf, isAtLeast } from '../../../src/bus/log/capabilities.ts';
import { busKeys } from '../../../src/bus/keys.ts';
import { connectRedis, whenConnected } from '../../../src/bus/redis.ts';
import { removeConsumer } from '../../../src/bus/group/consumers.ts';
import { gapsOf, noteGaps, progressOf } from '../../../src/bus/log/lag.ts';
import { createProducer } from '../../../src/bus/log/producer.ts';
import { readinessOfBus } from '../../../src/bus/readiness.ts';
import { createEventReader } from '../../../src/graph/read/events.ts';
import { setFailpoints } from '../../../src/failpoint.ts';
import type { Envelope } from '../../../src/model/event.ts';
import type { Published } from '../../../src/model/receipt.ts';
import { GRAPH } from '../../../src/roles/graph.ts';
import { createPublisher } from '../../../src/roles/publisher.ts';
import { edgeIntake } from '../../support/edge.ts';
import { event } from '../../support/events.ts';
import {
  killGraphProcesses,
  startGraphProcess,
  type GraphProcess,
} from '../../support/graph-process.ts';
import {
  createPipeline,
  toAccepted,
  type Pipeline,
  type TestServers,
} from '../../support/pipeline.ts';
import { startProxy } from '../../support/pipeline-proxy.ts';
import { redisBinary } from '../../support/server-paths.ts';
import { proveOurs, sharedServers, startRedis, type TestRedis } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** A Redis that dies, forgets, trims, is full, or hangs. The graph is shared: what is stored is told apart by its source. */

const VERSION =
  /v=(\d+\.\d+\.\d+)/.exec(
    execFileSync(await redisBinary(), ['--version'], { encoding: 'utf8' }),
  )?.[1] ?? '0.0.0';
const withWaitAof = isAtLeast(VERSION, [7, 2]) ? test : test.skip;

let server: TestRedis;
let servers: TestServers;
let pipeline: Pipeline;
let source: string;

beforeAll(async () => {
  server = await startRedis();
  servers = { ...sharedServers(), redisUrl: server.url };
});
afterAll(() => server.stop());
beforeEach(async () => {
  source = `https://ci.example/redis/${randomUUID()}`;
  pipeline = await createPipeline(servers);
});
afterEach(async () => {
  setFailpoints(undefined);
  await killGraphProcesses();
  await pipeline.stop();
});

function build(id: string | number, data: Record<string, unknown> = {}): Envelope {
  return event('build.started', { build: `${source}/${id}`, ...data }, { id: String(id), source });
}

function commit(id: string | number): Envelope {
  const sha = Buffer.from(`${source}${id}`).toString('hex').slice(-40);
  return event('source.commit.created', { commit: sha }, { id: String(id), source });
}

/** Ids of the events of this test that are in the log. */
async function stored(): Promise<string[]> {
  const { items } = await createEventReader(pipeline.graph, pipeline.statements).events(
    {
      ...{ type: null, source, subjectRef: null, subject: null, correlationId: null },
      ...{ causationId: null, workflowId: null, outcome: null, since: null, until: null },
    },
    { limit: 10_000, position: null, backward: false, body: false },
  );
  return items.map(({ eventId }) => eventId).sort();
}

function child(
  options: { failpoint?: string; variables?: Record<string, string> } = {},
): GraphProcess {
  return startGraphProcess({ servers, tag: pipeline.tag, ...options });
}

async function readiness(floor = 0): Promise<Record<string, { ok: boolean; detail: string }>> {
  const { redis, keys } = pipeline;
  const checks = await readinessOfBus({ redis, keys, group: 'graph', floor, now: Date.now });
  return Object.fromEntries(checks.map(({ name, ok, detail }) => [name, { ok, detail }]));
}

/**
 * Redis hands what it was told to the kernel before it answers, where a killed process cannot lose it; but not while an fsync of
 * the second before still runs (appendfsync everysec, aof.c). What that window can lose is told in docs/operations.md, and is not
 * what these tests are about.
 */
async function killRedis(): Promise<void> {
  await until(
    async () => (await pipeline.redis.info('persistence')).includes('aof_pending_bio_fsync:0\r'),
    30_000,
  );
  await server.kill();
}

async function pendingOf(stream: string): Promise<number> {
  const [count] = (await pipeline.redis.xpending(stream, 'graph')) as [number];
  return count;
}

describe('Redis', () => {
  test('F8 killed under producers, append-only file every second: what was acknowledged is applied, once', async () => {
    await pipeline.startWriter({ batchSize: 20 });
    const acknowledged = new Map<string, number>();
    const sent = Array.from({ length: 400 }, (_, at) => build(at));
    let deaths = 0;
    const produce = async (mine: readonly Envelope[]): Promise<void> => {
      for (const envelope of mine) {
        for (let done = false; !done;) {
          const answer = await pipeline.publish([envelope]).catch(() => null);
          const [published] = answer ?? [];
          if (published === undefined) {
            // it may be on the bus or not: the producer sends it again, and lets the connection come back first,
            // for a command without a connection fails before anything else may run
            await delay(5);
            continue;
          }
          expect(published.outcome).not.toBe('conflict');
          acknowledged.set(envelope.id, published.position);
          done = true;
        }
      }
    };
    const producers = Promise.all(
      [0, 1, 2, 3].map((part) => produce(sent.filter((_, at) => at % 4 === part))),
    );
    for (const level of [100, 250]) {
      await until(() => acknowledged.size >= level, 60_000);
      await killRedis();
      deaths += 1;
      await server.restart();
    }
    await producers;
    await pipeline.caughtUp();
    expect(deaths).toBe(2);
    expect(await stored()).toEqual([...acknowledged.keys()].sort());
    expect(acknowledged.size).toBe(sent.length);
    expect(new Set(acknowledged.values()).size).toBe(sent.length);
    expect(await pipeline.deadLetters()).toEqual([]);
    expect((await progressOf(pipeline.redis, pipeline.keys, 'graph')).lost).toBe(0);
  }, 180_000);

  test('F9 restarted between the attempts: a poisonous event has exactly as many as are allowed, and is parked once', async () => {
    await pipeline.publish([build('good'), build('poison'), build('also good')]);
    const maxAttempts = 4;
    let deaths = 0;
    for (;;) {
      const process = child({
        failpoint: 'crash_on:poison:kill',
        variables: { STEMMA_MAX_ATTEMPTS: String(maxAttempts) },
      });
      const died = process.ended.then(() => true);
      if (!(await Promise.race([died, pipeline.caughtUp().then(() => false)]))) break;
      deaths += 1;
      expect(deaths).toBeLessThanOrEqual(maxAttempts);
      await killRedis();
      await server.restart();
      await until(() => pipeline.redis.status === 'ready', 30_000);
    }
    expect(deaths).toBe(maxAttempts);
    const dead = await pipeline.deadLetters();
    expect(dead).toMatchObject([{ code: 'HANDLER_FAILED', attempts: String(maxAttempts) }]);
    expect(await stored()).toEqual(['also good', 'good']);
  }, 240_000);

  test('F10 emptied: the writer stops with STREAM_MISSING, nothing is made again silently, publishing is refused', async () => {
    const floor = 3;
    const writer = child();
    await pipeline.publish([build(1), build(2), build(3)]);
    await pipeline.caughtUp();
    await proveOurs({ redisUrl: servers.redisUrl });
    await pipeline.redis.flushall();
    expect(await writer.ended).toMatchObject({ code: 3 });
    expect(writer.said()).toContain('FAILED STREAM_MISSING');

    expect((await readiness(floor))['bus-position']).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^STREAM_REWOUND/),
    });
    await expect(pipeline.publish([build(4)])).rejects.toMatchObject({ code: 'STREAM_REWOUND' });
    const again = child({ variables: { STEMMA_TEST_POSITION: String(floor) } });
    expect(await again.ended).toMatchObject({ code: 2 });
    expect(again.said()).toContain('FAILED STREAM_MISSING');

    await pipeline.startWriter({ greatestPosition: floor, recreate: true });
    expect(await pipeline.publish([build(4)])).toEqual([
      { outcome: 'appended', position: floor + 1 },
    ]);
    await pipeline.caughtUp();
    expect(await stored()).toEqual(['1', '2', '3', '4']);
    expect(await gapsOf(pipeline.redis, pipeline.keys, 'graph')).toMatchObject([
      { from: 1, to: floor, rewound: true },
    ]);
    // what else was lost cannot be known: an operator has to hear of it
    expect((await readiness(floor))['bus-gaps']).toMatchObject({ ok: false });
    await noteGaps(pipeline.redis, pipeline.keys, 'graph');
    expect((await readiness(floor))['bus-gaps']).toMatchObject({ ok: true });
    expect((await readiness(floor))['bus-position']).toMatchObject({ ok: true });
  });

  test('a Redis that lost the latest log numbers hands out none of them again through a process that had not seen them', async () => {
    let asked = 0;
    const older = createProducer({
      redis: pipeline.redis,
      keys: pipeline.keys,
      now: Date.now,
      // by the graph, which has what another process published
      greatestKnown: async () => ((asked += 1), asked === 1 ? 0 : 3),
    });
    await older.publish([toAccepted(build('before'))]);
    await pipeline.publish([build('lost 2'), build('lost 3')]);
    await killRedis();
    await server.restart();
    await until(() => pipeline.redis.status === 'ready', 30_000);
    await pipeline.redis.set(pipeline.keys.counter, 1); // as if the second before had been lost
    await expect(older.publish([toAccepted(build('after'))])).rejects.toMatchObject({
      code: 'STREAM_REWOUND',
    });
    expect(asked).toBe(2);
  }, 60_000);

  test('a process knows of the log numbers of others by the reports of the writers, while the database is away', async () => {
    const { producer, redis, keys } = pipeline;
    const other = createProducer({
      ...{ redis, keys, now: Date.now },
      greatestKnown: () => Promise.reject(new Error('away')),
    });
    await other.publish([toAccepted(build('one'))]);
    other.saw(9);
    await expect(other.publish([toAccepted(build('two'))])).rejects.toMatchObject({
      code: 'STREAM_REWOUND',
    });
    expect(producer.position()).toBe(0);
  });

  test('publishing more than a batch says of each event whether it is on the bus', async () => {
    const { redis, keys } = pipeline;
    const producer = createProducer({ redis, keys, now: Date.now, batchSize: 2 });
    await redis.set(keys.stream('source'), 'no stream: the third event cannot be appended');
    const events = [build('p1'), build('p2'), commit('p3'), build('p4'), build('p5')];
    expect(await producer.publish(events.map(toAccepted))).toMatchObject([
      { outcome: 'appended', position: 1 },
      { outcome: 'appended', position: 2 },
      { outcome: 'failed', error: { code: 'DEPENDENCY_UNAVAILABLE', retryable: true } },
      { outcome: 'failed' },
      { outcome: 'failed' },
    ]);
    await redis.del(keys.stream('source'));
    expect(await producer.publish(events.map(toAccepted))).toMatchObject([
      { outcome: 'duplicate', position: 1 },
      { outcome: 'duplicate', position: 2 },
      { outcome: 'appended' },
      { outcome: 'appended' },
      { outcome: 'appended' },
    ]);
  });

  test('F10 one stream deleted while others go on: told in the readiness, and what it held is lost by number', async () => {
    const { redis, keys } = pipeline;
    const writer = await pipeline.startWriter();
    await writer.stop();
    await pipeline.publish([commit(1), build(2), commit(3), build(4), build(5)]);
    await redis.del(keys.stream('build'));
    expect((await readiness())['bus-streams']).toEqual({
      ok: false,
      detail: `STREAM_MISSING: ${keys.stream('build')}`,
    });
    await expect(pipeline.startWriter()).rejects.toMatchObject({ code: 'STREAM_MISSING' });
    const lost: number[] = [];
    await pipeline.startWriter({
      recreate: true,
      maintenanceMs: 20,
      onLost: (count) => lost.push(count),
    });
    await until(() => lost.length > 0, 60_000);
    await pipeline.caughtUp();
    expect(lost.reduce((sum, count) => sum + count, 0)).toBe(3);
    const gaps = await gapsOf(redis, keys, 'graph');
    expect(gaps.flatMap(({ from, to }) => [from, to])).toEqual([2, 2, 4, 5]);
    expect(await stored()).toEqual(['1', '3']);
  });

  test('F11 trimmed while the group is behind: the exact numbers are lost, and the service is not ready until they are noted', async () => {
    const { redis, keys } = pipeline;
    const first = await pipeline.startWriter();
    await first.stop();
    await pipeline.publish(Array.from({ length: 10 }, (_, at) => build(at + 1)));
    await redis.xtrim(keys.stream('build'), 'MAXLEN', 3);
    const lost: number[] = [];
    const writer = await pipeline.startWriter({
      maintenanceMs: 20,
      onLost: (count) => lost.push(count),
    });
    await pipeline.caughtUp();
    await until(() => lost.length > 0, 60_000);
    expect(lost).toEqual([7]);
    expect(await gapsOf(redis, keys, 'graph')).toMatchObject([{ from: 1, to: 7 }]);
    expect(await stored()).toEqual(['10', '8', '9']);
    expect(writer.counts()).toMatchObject({ applied: 3 });
    expect((await readiness())['bus-gaps']).toEqual({
      ok: false,
      detail: '7 events were lost, 0 of them taken note of',
    });
    await pipeline.publish([build('more'), commit('another')]);
    await pipeline.caughtUp();
    expect(await progressOf(redis, keys, 'graph')).toMatchObject({
      lost: 7,
      through: 12,
      waiting: 0,
    });
    await noteGaps(redis, keys, 'graph');
    expect((await readiness())['bus-gaps']).toMatchObject({ ok: true });
  });

  test('F12 trimmed while pending: told by id, never taken for applied', async () => {
    const { redis, keys } = pipeline;
    const stream = keys.stream('build');
    await pipeline.publish(Array.from({ length: 6 }, (_, at) => build(at + 1)));
    expect(await child({ failpoint: 'after_read:kill' }).ended).toMatchObject({
      signal: 'SIGKILL',
    });
    expect(await pendingOf(stream)).toBe(6);
    const trimmed = (await redis.xrange(stream, '-', '+', 'COUNT', 2)).map(
      ([id]) => `${stream} ${id}`,
    );
    await redis.xtrim(stream, 'MAXLEN', 4);

    const told: string[] = [];
    let lost = 0;
    await pipeline.startWriter({
      maintenanceMs: 20,
      onLost: (count) => (lost += count),
      log: {
        ...{ debug: () => undefined, info: () => undefined, warn: () => undefined },
        error: (fields: { entries?: string[] }, message: string) => {
          if (message === 'EVENT_LOST') told.push(...(fields.entries ?? []));
        },
      } as never,
    });
    await pipeline.caughtUp();
    await until(() => lost > 0, 60_000);
    expect(told).toEqual(trimmed);
    expect(lost).toBe(2);
    expect(await gapsOf(redis, keys, 'graph')).toMatchObject([{ from: 1, to: 2 }]);
    expect(await stored()).toEqual(['3', '4', '5', '6']);
    expect(await pendingOf(stream)).toBe(0);
  });

  test('F24 a consumer with entries is removed only when another one takes them over', async () => {
    const { redis, keys } = pipeline;
    const stream = keys.stream('build');
    await pipeline.publish([build(1), build(2), build(3)]);
    const variables = { STEMMA_CONSUMER: 'gone' };
    await child({ failpoint: 'after_read:kill', variables }).ended;
    const remove = (claimTo: string | null) =>
      removeConsumer(redis, keys, { group: 'graph', name: 'gone', claimTo });
    await expect(remove(null)).rejects.toMatchObject({ code: 'ENTRIES_PENDING' });
    expect(await pendingOf(stream)).toBe(3);
    await expect(remove('gone')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await remove('heir')).toBe(3);
    expect(await pendingOf(stream)).toBe(3);
    expect(await remove('heir')).toBe(0);
    await pipeline.startWriter({ name: 'heir' });
    await pipeline.caughtUp();
    expect(await stored()).toEqual(['1', '2', '3']);
  });

  test('F25 a connection that is killed while it waits: the next event is applied', async () => {
    const { redis } = pipeline;
    await pipeline.startWriter();
    const readers = async (): Promise<string[]> =>
      String(await redis.client('LIST'))
        .split('\n')
        .filter((line) => line.includes('name=stemma-reader') && line.includes('cmd=xreadgroup'))
        .map((line) => /^id=(\d+)/.exec(line)![1]!);
    await until(async () => (await readers()).length === 2, 30_000);
    for (const id of await readers()) await redis.client('KILL', 'ID', Number(id));
    await pipeline.publish([build('after the kill')]);
    await pipeline.caughtUp();
    expect(await stored()).toEqual(['after the kill']);
  });

  test('F25 a read that hangs without an end: the watchdog connects anew', async () => {
    const { hostname: host, port } = new URL(servers.redisUrl);
    const proxy = await startProxy({ host, port: Number(port) });
    try {
      let connections = 0;
      await pipeline.startWriter({
        domains: ['build'],
        connectReader: () => {
          connections += 1;
          const url = `redis://127.0.0.1:${proxy.port}`;
          return connectRedis({ url, name: 'reader', failFast: false, onError: () => undefined });
        },
      });
      await pipeline.publish([build('before')]);
      await pipeline.caughtUp();
      proxy.freeze();
      await pipeline.publish([build('while it hangs')]);
      await pipeline.caughtUp();
      expect(connections).toBe(2);
      expect(await stored()).toEqual(['before', 'while it hangs']);
    } finally {
      await pipeline.stopWriters();
      await proxy.stop();
    }
  });

  test('F26 full: publishing is refused with a time to retry, the writers go on until there is room again', async () => {
    const { redis, keys } = pipeline;
    const writer = await pipeline.startWriter({ maxAttempts: 2 });
    await writer.stop();
    await pipeline.publish([...Array.from({ length: 20 }, (_, at) => build(at)), build('poison')]);
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
    await redis.config('SET', 'maxmemory', String(Math.round(used * 0.9)));
    try {
      const refused = { code: 'BACKPRESSURE', details: { retryAfterMs: expect.any(Number) } };
      // by the script of Redis itself, and before it is asked
      await expect(pipeline.publish([build('refused')])).rejects.toMatchObject(refused);
      const careful = createProducer({ redis, keys, now: Date.now });
      await expect(careful.publish([toAccepted(build('refused'))])).rejects.toMatchObject(refused);
      expect((await readiness())['bus']).toMatchObject({ ok: true });

      setFailpoints('crash_on:poison:throw');
      const drained = await pipeline.startWriter({ maxAttempts: 2 });
      await pipeline.caughtUp();
      expect(drained.counts()).toMatchObject({ applied: 20, dead: 1 });
      expect(await stored()).toHaveLength(20);
      expect(await pipeline.deadLetters()).toMatchObject([{ attempts: '2' }]);
      expect(await progressOf(redis, keys, 'graph')).toMatchObject({ waiting: 0, lost: 0 });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    let published: Published[] = [];
    await until(async () => {
      published = await pipeline.publish([build('refused')]).catch(() => []);
      return published.length > 0;
    }, 30_000);
    expect(published).toMatchObject([{ outcome: 'appended' }]);
    await pipeline.caughtUp();
    expect(await stored()).toHaveLength(21);
  });

  test('F27 a clock that jumps: ids go on, order stays, nothing is trimmed early', async () => {
    const { redis, keys } = pipeline;
    const stream = keys.stream('build');
    const first = await pipeline.startWriter({ maintenanceMs: 20 });
    await pipeline.publish([build(1)]);
    await pipeline.caughtUp();
    await first.stop();
    // as if the clock of Redis had been in the year 5138 for a moment
    const n = await redis.incr(keys.counter);
    const e = JSON.stringify(build(2));
    await redis.xadd(stream, '99999999999999-0', 'n', n, 'acceptedAt', Date.now(), 'e', e);
    await pipeline.publish([build(3), build(4)]);
    await expect(redis.xadd(stream, '1-0', 'n', 9, 'acceptedAt', 1, 'e', e)).rejects.toThrow(
      /equal or smaller/,
    );
    const ids = (await redis.xrange(stream, '-', '+')).map(([id]) => id);
    expect(ids.slice(-3)).toEqual(['99999999999999-0', '99999999999999-1', '99999999999999-2']);

    let passes = 0;
    await pipeline.startWriter({
      maintenanceMs: 5,
      now: () => {
        passes += 1;
        return Date.now() + (passes % 2 === 0 ? 31_536_000_000 : -3_600_000);
      },
    });
    await pipeline.caughtUp();
    expect(await stored()).toEqual(['1', '2', '3', '4']);
    expect(await progressOf(redis, keys, 'graph')).toMatchObject({
      through: 4,
      waiting: 0,
      lost: 0,
    });
    // everything is acknowledged, so everything may go, and only now
    await until(async () => (await redis.xlen(stream)) === 0, 60_000);
    await pipeline.publish([build(5)]);
    await pipeline.caughtUp();
    expect(await stored()).toHaveLength(5);
  });

  test('refuses to start where Redis would evict events', async () => {
    await pipeline.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      await expect(pipeline.startWriter()).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining('noeviction'),
      });
      expect((await readiness())['bus']).toMatchObject({ ok: false });
    } finally {
      await pipeline.redis.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  test('says what an acknowledged event is worth with each way of writing to disk', async () => {
    const { redis, producer } = pipeline;
    const setting = async (appendonly: string, fsync: string): Promise<string> => {
      await redis.config('SET', 'appendonly', appendonly);
      await redis.config('SET', 'appendfsync', fsync);
      return producer.durability();
    };
    expect(await setting('no', 'everysec')).toBe('MEMORY');
    expect((await readiness())['bus']!.detail).toContain('append-only file is off');
    expect(await setting('yes', 'no')).toBe('MEMORY');
    expect(await setting('yes', 'always')).toBe('FSYNCED');
    expect(await setting('yes', 'everysec')).toBe('EVERYSEC');
    expect((await capabilitiesOf(redis, busKeys())).version).toBe(VERSION);
  });

  test('receipts say it, of an event and of its copy, as Redis writes at that moment', async () => {
    const { redis, producer, keys, servers } = pipeline;
    const subscriber = connectRedis({ url: servers.redisUrl, name: 'worth', failFast: false });
    await whenConnected(subscriber);
    let clock = Date.now();
    const publisher = await createPublisher({
      ...{ producer, subscriber, bus: { redis, keys, group: GRAPH.name } },
      now: () => clock,
    });
    try {
      const ways = [
        ['no', 'everysec', 'MEMORY'],
        ['yes', 'always', 'FSYNCED'],
        ['yes', 'everysec', 'EVERYSEC'],
      ] as const;
      for (const [appendonly, fsync, worth] of ways) {
        await redis.config('SET', 'appendonly', appendonly);
        await redis.config('SET', 'appendfsync', fsync);
        clock += 1_000;
        const value = build(`worth ${worth}`);
        const submission = { raw: JSON.stringify(value), value };
        const { intake } = edgeIntake({ publisher });
        const options = { wait: 'ACCEPTED', waitMs: 0 } as const;
        const [first, refused] = await intake.accept(
          [submission, { raw: '{}', value: {} }],
          options,
        );
        const [copy] = await intake.accept([submission], options);
        expect([first, copy]).toMatchObject([
          { status: 'ACCEPTED', durability: worth },
          { status: 'DUPLICATE', durability: worth },
        ]);
        expect(refused).toMatchObject({ status: 'REJECTED' });
        expect(refused).not.toHaveProperty('durability');
      }
    } finally {
      await publisher.stop();
    }
  });

  withWaitAof(
    `confirms that events are on disk with WAITAOF (needs Redis 7.2, here ${VERSION})`,
    async () => {
      const { redis, keys } = pipeline;
      const producer = createProducer({ redis, keys, now: Date.now, fsyncTimeoutMs: 10_000 });
      const [first] = await producer.publish([toAccepted(build('on disk'))]);
      expect(first).toMatchObject({ outcome: 'appended', durability: 'FSYNCED' });
      // it waits for what was just written, and not for the first copy
      const copy = toAccepted(build('on disk'));
      expect((await producer.publish([copy]))[0]).not.toHaveProperty('durability');
      const [again, other] = await producer.publish([copy, toAccepted(build('behind it'))]);
      expect(again).not.toHaveProperty('durability');
      expect(other).toMatchObject({ durability: 'FSYNCED' });
    },
  );
});
