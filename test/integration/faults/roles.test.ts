import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { busKeys } from '../../../src/bus/keys.ts';
import { progressOf } from '../../../src/bus/log/lag.ts';
import { listDeadLetters, replayDeadLetters } from '../../../src/bus/letters/dead-letters.ts';
import { startGroup, defineGroup, type GroupOptions } from '../../../src/bus/group/group.ts';
import { knownGroups } from '../../../src/bus/group/groups.ts';
import { connectRedis } from '../../../src/bus/redis.ts';
import type { Consumer } from '../../../src/bus/group/member.ts';
import { createProducer } from '../../../src/bus/log/producer.ts';
import { DOMAINS } from '../../../src/model/events/catalogue.ts';
import { createPublisher } from '../../../src/roles/publisher.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { event, hex } from '../../support/events.ts';
import { killGraphProcesses, startGraphProcess } from '../../support/graph-process.ts';
import { createPipeline, toAccepted, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers, startRedis, type TestRedis } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** Events of several domains, so that their log numbers lie in several streams. */
function mixed(scope: string, count: number) {
  return Array.from({ length: count }, (_, at) => {
    const id = `${scope}-${at}`;
    if (at % 3 === 0) return event('build.started', { build: `https://ci.example/${id}` }, { id });
    if (at % 3 === 1) return event('source.commit.created', { commit: hex(id, 40) }, { id });
    return event('artifact.created', { digest: `sha256:${hex(id)}` }, { id });
  });
}

/** Reads lines of `position id`, and asks for what comes behind the last one that it has in whole. */
function createFeedClient(begin: number) {
  const lines: string[] = [];
  return {
    lines,
    /** Until the role is gone, or `enough`. */
    async read(said: string, enough = () => false): Promise<void> {
      const after = lines.at(-1)?.split(' ')[0] ?? begin;
      let rest = '';
      try {
        const { body } = await fetch(`${said.trim().split(' ')[1]}/?after=${after}`);
        for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
          const pieces = `${rest}${chunk}`.split('\n');
          rest = pieces.pop()!;
          lines.push(...pieces);
          if (enough()) return;
        }
      } catch {
        // killed
      }
    },
  };
}

describe('throw-away roles that the service plays beside its own', () => {
  let server: TestRedis;
  let redis: ReturnType<typeof connectRedis>;
  beforeAll(async () => {
    server = await startRedis();
    redis = connectRedis({
      url: server.url,
      name: 'roles',
      failFast: false,
      onError: () => undefined,
    });
  });
  afterEach(killGraphProcesses);
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const start = (failpoint?: string, roles = 'tally,chain') =>
    startGraphProcess({
      servers: { ...sharedServers(), redisUrl: server.url },
      ...{ main: 'roles-process-main.ts', tag: '' },
      ...(failpoint === undefined ? {} : { failpoint }),
      variables: {
        STEMMA_ROLES: roles,
        STEMMA_HEARTBEAT_MS: '200',
        STEMMA_BATCH_SIZE: '40',
      },
    });

  test.each(['tally', 'chain', 'feed'])('%s is one file of at most 60 lines', (name) => {
    const text = readFileSync(new URL(`../../support/${name}-role.ts`, import.meta.url), 'utf8');
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(60);
  });

  test('killed at every failpoint, each gets each event once, and the ordered one in the order of the log', async () => {
    const keys = busKeys();
    const producer = createProducer({ redis, keys, now: Date.now });
    const scope = randomUUID();
    const all: string[] = [];
    const publish = async (count: number): Promise<void> => {
      const events = mixed(`${scope}-${all.length}`, count);
      await producer.publish(events.map(toAccepted));
      all.push(...events.map((one) => JSON.stringify(one)));
    };
    for (const failpoint of ['after_read:kill', 'after_commit:kill', 'after_commit:kill']) {
      await publish(150);
      expect(await start(failpoint).ended).toMatchObject({ signal: 'SIGKILL' });
    }
    const [one, other] = [start(), start()];
    await Promise.all([one.whenReady(), other.whenReady()]);
    await publish(150);
    const settled = async (group: string): Promise<boolean> =>
      (await progressOf(redis, keys, group)).through === all.length;
    await until(async () => (await settled('tally')) && (await settled('chain')), 60_000);
    await publish(30); // by whichever of the two leads
    await until(async () => (await settled('tally')) && (await settled('chain')), 60_000);

    const counts = await redis.hgetall('{tally}:counts');
    expect(counts).toEqual({
      'build.started': String(all.length / 3),
      'source.commit.created': String(all.length / 3),
      'artifact.created': String(all.length / 3),
    });
    const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
    let hash = '';
    const expected = all.map((text, at) => ({ n: at + 1, hash: (hash = sha1(hash + sha1(text))) }));
    const links = await redis.lrange('chain:links', 0, -1);
    expect(links.map((link) => JSON.parse(link) as object)).toEqual(expected);
    for (const group of ['tally', 'chain']) {
      expect(await progressOf(redis, keys, group)).toMatchObject({ waiting: 0, lost: 0 });
    }
    // what nobody has written to the log stays on the bus
    expect(await redis.xlen(keys.stream('build'))).toBe(all.length / 3);

    const { checks } = (await (
      await fetch(`${one.said().trim().split(' ')[1]}/readyz`)
    ).json()) as {
      checks: object[];
    };
    expect(checks).toEqual(
      expect.arrayContaining([
        { name: 'tally', ok: true, detail: 'running' },
        { name: 'chain', ok: true, detail: 'running' },
        expect.objectContaining({ name: 'bus-lag:chain', ok: true }),
      ]),
    );
  }, 120_000);

  test('killed at every failpoint, a role that acknowledges nothing gives a client that resumes each event once, in the order of the log', async () => {
    const keys = busKeys();
    const producer = createProducer({ redis, keys, now: Date.now });
    const scope = randomUUID();
    const first = Number(await redis.get(keys.counter)) + 1;
    const all: string[] = [];
    const publish = async (count: number): Promise<void> => {
      const events = mixed(`${scope}-${all.length}`, count);
      await producer.publish(events.map(toAccepted));
      all.push(...events.map((one) => `${first + all.length + events.indexOf(one)} ${one.id}`));
    };
    const client = createFeedClient(first - 1);
    for (const failpoint of ['after_read:kill', 'after_delivery:kill', 'after_delivery:kill']) {
      const process = start(failpoint, 'feed');
      await process.whenReady();
      await publish(150);
      await client.read(process.said());
      expect(await process.ended).toMatchObject({ signal: 'SIGKILL' });
    }
    const process = start(undefined, 'feed');
    await process.whenReady();
    await publish(150);
    await client.read(process.said(), () => client.lines.length >= all.length);
    expect(client.lines).toEqual(all);
    // nobody knows of it: neither trimming nor whoever counts what waits
    expect(await knownGroups(redis, keys)).not.toContain('feed');
  }, 120_000);

  test('a role that nobody has registered is refused by name', async () => {
    const process = startGraphProcess({
      servers: { ...sharedServers(), redisUrl: server.url },
      ...{ main: 'roles-process-main.ts', tag: '', variables: { STEMMA_ROLES: 'tally,tale' } },
    });
    expect(await process.ended).toMatchObject({ code: 1 });
    expect(process.said()).toMatch(
      /^FAILED .*no role 'tale'.*graph, metrics, watch, api, tally, chain, feed/,
    );
  });
});

describe('a second group beside the graph writers', () => {
  let pipeline: Pipeline;
  let consumer: Consumer | undefined;
  const OTHER = defineGroup({ name: 'other', required: true, ordered: false, domains: DOMAINS });

  async function startOther(process: GroupOptions['process']): Promise<void> {
    const { redis, keys } = pipeline;
    consumer = await startGroup(OTHER, {
      ...{ redis, keys, process, now: Date.now, log: SILENT, greatestPosition: 0 },
      ...{ claimEveryMs: 100, heartbeatMs: 1_000 },
      connectReader: () =>
        connectRedis({
          ...{ url: pipeline.servers.redisUrl, name: 'other', failFast: false },
          onError: () => undefined,
        }),
    });
  }
  afterEach(async () => {
    await consumer?.stop();
    await pipeline.stop();
  });

  test('APPLIED is the word of the graph writers alone', async () => {
    pipeline = await createPipeline(sharedServers());
    const { redis, keys, producer, group } = pipeline;
    const subscriber = connectRedis({
      ...{ url: pipeline.servers.redisUrl, name: 'reports', failFast: false },
      onError: () => undefined,
    });
    const publisher = await createPublisher({
      ...{ producer, subscriber, bus: { redis, keys, group }, now: Date.now, pollMs: 50 },
    });
    await startOther(async (entries) =>
      entries.map(() => ({
        kind: 'dead',
        code: 'HANDLER_FAILED',
        message: 'of the other',
        attempts: 1,
      })),
    );
    const [sent] = await publisher.publish(mixed(randomUUID(), 1).map(toAccepted));
    const position = sent?.outcome === 'appended' ? sent.position : 0;
    await until(async () => (await progressOf(redis, keys, 'other')).through === position, 10_000);
    expect(await pipeline.deadLetters()).toMatchObject([{ group: 'other' }]);
    expect(await publisher.whenApplied(position, 300)).toBeNull();
    await pipeline.startWriter();
    expect(await publisher.whenApplied(position, 10_000)).toEqual({
      status: 'APPLIED',
      error: null,
    });
    await publisher.stop();
    subscriber.disconnect();
  });

  test('what one of them could not process is replayed for that one alone', async () => {
    pipeline = await createPipeline(sharedServers());
    const { redis, keys, group } = pipeline;
    const seen: string[] = [];
    let isBroken = true;
    await startOther(async (entries) => {
      seen.push(...entries.map(({ text }) => (JSON.parse(text) as { id: string }).id));
      return entries.map(() =>
        isBroken
          ? { kind: 'dead', code: 'HANDLER_FAILED', message: 'not yet', attempts: 1 }
          : { kind: 'applied' },
      );
    });
    const writer = await pipeline.startWriter();
    const events = mixed(randomUUID(), 1);
    await pipeline.publish(events);
    await until(async () => (await progressOf(redis, keys, 'other')).through === 1, 10_000);
    await pipeline.caughtUp();
    isBroken = false;
    const any = { state: null, code: null, type: null, source: null, since: null, until: null };
    const { items } = await listDeadLetters({ redis, keys }, any, {
      limit: 9,
      position: null,
      backward: false,
    });
    const ids = items.map(({ id }) => id);
    expect(
      await replayDeadLetters({ redis, keys, group }, ids, { now: Date.now(), floor: 0 }),
    ).toEqual([{ id: ids[0], outcome: 'replayed', position: 2 }]);
    await until(async () => (await progressOf(redis, keys, 'other')).through === 2, 10_000);
    await until(async () => (await progressOf(redis, keys, group)).through === 2, 10_000);
    expect(seen).toEqual([events[0]?.id, events[0]?.id]);
    expect(writer.counts()).toMatchObject({ applied: 1, duplicate: 1, dead: 0 });
    // whoever sends the event again hears of the position that the graph writers know
    expect(await pipeline.publish(events)).toMatchObject([{ outcome: 'duplicate', position: 1 }]);
  });

  test('a group that joins later begins with what the streams still hold, and nothing counts as lost', async () => {
    pipeline = await createPipeline(sharedServers());
    const { redis, keys } = pipeline;
    await pipeline.publish(mixed(randomUUID(), 6));
    for (const stream of keys.streams) await redis.xtrim(stream, 'MAXLEN', 1);
    let seen = 0;
    await startOther(async (entries) => {
      seen += entries.length;
      return entries.map(() => ({ kind: 'applied' }) as const);
    });
    await until(async () => seen === 3, 10_000);
    await until(async () => (await progressOf(redis, keys, 'other')).through === 6, 10_000);
    expect(await progressOf(redis, keys, 'other')).toMatchObject({ waiting: 0, lost: 0 });
  });
});

test('a member of an ordered group that stands by stops at once, and takes over when the leader stops', async () => {
  const pipeline = await createPipeline(sharedServers());
  const { redis, keys } = pipeline;
  const group = defineGroup({ name: 'queue', required: true, ordered: true, domains: DOMAINS });
  const seen: string[] = [];
  const join = (name: string, claimEveryMs: number): Promise<Consumer> =>
    startGroup(group, {
      ...{ redis, keys, name, now: Date.now, log: SILENT, greatestPosition: 0, claimEveryMs },
      async process(entries) {
        seen.push(...entries.map(({ n }) => `${name} ${n}`));
        return entries.map(() => ({ kind: 'applied' }) as const);
      },
      connectReader: () =>
        connectRedis({
          ...{ url: pipeline.servers.redisUrl, name, failFast: false, onError: () => undefined },
        }),
    });
  const leader = await join('leader', 600_000);
  await pipeline.publish(mixed(randomUUID(), 1));
  await until(async () => seen.length === 1, 10_000);
  const patient = await join('patient', 600_000); // looks for the leader's place every few seconds
  const next = await join('next', 20);
  const start = performance.now();
  await patient.stop(60_000);
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(patient.state()).toEqual({ phase: 'stopped' });
  await leader.stop();
  await pipeline.publish(mixed(randomUUID(), 1));
  await until(async () => seen.length === 2, 10_000);
  expect(seen).toEqual(['leader 1', 'next 2']);
  await next.stop();
  await pipeline.stop();
});
