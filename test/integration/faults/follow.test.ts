import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { defineGroup, startGroup } from '../../../src/bus/group/group.ts';
import type { Follower, FollowOptions } from '../../../src/bus/group/follow.ts';
import { connectRedis } from '../../../src/bus/redis.ts';
import { planTrim, trim } from '../../../src/bus/log/trim.ts';
import { replayDeadLetters } from '../../../src/bus/letters/dead-letters.ts';
import { DOMAINS, type Domain } from '../../../src/model/events/catalogue.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { event, hex } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

let pipeline: Pipeline;
const followers: Follower[] = [];

beforeEach(async () => {
  pipeline = await createPipeline(sharedServers());
});
afterEach(async () => {
  await Promise.all(followers.splice(0).map((follower) => follower.stop()));
  await pipeline.stop();
});

function mixed(count: number) {
  const scope = randomUUID();
  return Array.from({ length: count }, (_, at) => {
    const id = `${scope}-${at}`;
    if (at % 3 === 0) return event('build.started', { build: `https://ci.example/${id}` }, { id });
    if (at % 3 === 1) return event('source.commit.created', { commit: hex(id, 40) }, { id });
    return event('artifact.created', { digest: `sha256:${hex(id)}` }, { id });
  });
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

async function follow(
  options: Partial<FollowOptions> & { readonly domains?: readonly Domain[] } = {},
): Promise<{ follower: Follower; seen: number[] }> {
  const { redis, keys, servers } = pipeline;
  const { domains = DOMAINS, ...rest } = options;
  const seen: number[] = [];
  const group = defineGroup({ name: 'feed', acknowledges: false, domains });
  const follower = await startGroup(group, {
    ...{ redis, keys, log: SILENT, blockMs: 200 },
    connectReader: () =>
      connectRedis({
        ...{ url: servers.redisUrl, name: 'feed', failFast: false, onError: () => undefined },
      }),
    async deliver(entries) {
      seen.push(...entries.map(({ n }) => n));
      return Promise.resolve();
    },
    ...rest,
  });
  followers.push(follower);
  return { follower, seen };
}

describe('a group that acknowledges nothing', () => {
  test('each of two processes sees every event once, in the order of the log, from its place on', async () => {
    await pipeline.publish(mixed(30));
    const fromNow = await follow();
    const fromTheMiddle = await follow({ after: 17, batchSize: 2 });
    await pipeline.publish(mixed(60));
    await until(() => fromNow.follower.position() === 90, 10_000);
    await until(() => fromTheMiddle.follower.position() === 90, 10_000);
    expect(fromNow.seen).toEqual(numbers(31, 90));
    expect(fromTheMiddle.seen).toEqual(numbers(18, 90));
  });

  test.each([0, 1, 29, 499, 500, 998, 999, 1_000])(
    'begins right behind position %i, among entries of one millisecond too',
    async (after) => {
      await pipeline.publish(mixed(1_000)); // two appends
      const { seen } = await follow({ after });
      await pipeline.publish(mixed(1));
      await until(() => seen.includes(1_001), 10_000);
      expect(seen).toEqual(numbers(after + 1, 1_001));
    },
  );

  test('of the domains that it names, and its position passes over the others', async () => {
    const { follower, seen } = await follow({ domains: ['artifact'] });
    await pipeline.publish(mixed(10));
    await until(() => follower.position() === 10, 10_000);
    expect(seen).toEqual([3, 6, 9]);
  });

  test('goes on where its connections break, without a loss or a duplicate', async () => {
    const { redis } = pipeline;
    const { seen } = await follow({ after: 0, batchSize: 5 });
    /** Whether there was one. */
    const breakConnections = async (): Promise<boolean> => {
      const clients = String(await redis.client('LIST')).split('\n');
      const own = clients.filter((one) => one.includes('name=stemma-feed '));
      for (const client of own) await redis.client('KILL', 'ID', /id=(\d+)/.exec(client)![1]!);
      return own.length > 0;
    };
    for (let round = 0; round < 5; round += 1) {
      await pipeline.publish(mixed(100));
      await until(breakConnections, 10_000);
    }
    await until(() => seen.length >= 500, 20_000);
    expect(seen).toEqual(numbers(1, 500));
  });

  test('trimming does not wait for it, and a place that was trimmed is told with the oldest that is there', async () => {
    const { redis, keys, group } = pipeline;
    const gate = Promise.withResolvers<undefined>();
    const held: number[] = [];
    const slow = await follow({
      after: 0,
      async deliver(entries) {
        held.push(...entries.map(({ n }) => n));
        await gate.promise;
      },
    });
    await pipeline.startWriter();
    await pipeline.publish(mixed(30));
    await pipeline.caughtUp();
    await until(() => held.length > 0, 10_000);
    await pipeline.publish(mixed(30));
    await pipeline.caughtUp();
    await trim(redis, await planTrim(redis, keys, group, Date.now()));
    expect(await redis.xlen(keys.stream('build'))).toBe(0);
    const appended = await pipeline.publish(mixed(1));
    expect(appended).toMatchObject([{ position: 61 }]);

    await expect(follow({ after: 12 })).rejects.toMatchObject({
      code: 'POSITION_EXPIRED',
      details: { position: 12, oldest: 61 },
    });
    const { seen } = await follow({ after: 60 });
    await until(() => seen.length === 1, 10_000);

    gate.resolve(undefined);
    const { code, details } = await slow.follower.failed;
    expect(code).toBe('POSITION_EXPIRED');
    expect(details).toEqual({ position: held.at(-1), oldest: 61 });
    expect(held).toEqual(numbers(1, held.at(-1)!));
    expect(slow.follower.state()).toMatchObject({ phase: 'failed' });
  });

  test('a place is told as trimmed where everything behind it is', async () => {
    const { redis, keys } = pipeline;
    await pipeline.publish(mixed(6));
    for (const stream of keys.streams) await redis.xtrim(stream, 'MAXLEN', 0);
    await expect(follow({ after: 3 })).rejects.toMatchObject({
      code: 'POSITION_EXPIRED',
      details: { position: 3, oldest: 7 },
    });
    const { seen } = await follow({ after: 6 });
    await pipeline.publish(mixed(3));
    await until(() => seen.length === 3, 10_000);
    expect(seen).toEqual([7, 8, 9]);
  });

  test('an entry that was deleted is told, and those before it are delivered', async () => {
    const { redis, keys } = pipeline;
    await pipeline.publish(mixed(9));
    const stream = keys.stream('source');
    const [, second] = await redis.xrange(stream, '-', '+');
    await redis.xdel(stream, second![0]); // 5
    const { follower, seen } = await follow({ after: 0 });
    expect(await follower.failed).toMatchObject({
      code: 'POSITION_EXPIRED',
      details: { position: 4, oldest: 6 },
    });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('a position that was never given out is refused, and a Redis that was emptied is told', async () => {
    const { redis, keys } = pipeline;
    await pipeline.publish(mixed(6));
    await expect(follow({ after: 7 })).rejects.toMatchObject({ code: 'STREAM_REWOUND' });
    const { follower } = await follow();
    await redis.del(keys.counter, ...keys.streams);
    expect(await follower.failed).toMatchObject({
      code: 'STREAM_REWOUND',
      details: { position: 6, greatest: 0 },
    });
  });

  test('passes over what is not of the log, and what was replayed for another group', async () => {
    const { redis, keys, group } = pipeline;
    const { follower, seen } = await follow();
    await pipeline.append(keys.stream('build'), { e: 'from elsewhere' });
    await pipeline.append(keys.stream('build'), { n: 1, acceptedAt: 1, h: 'x', e: '{' });
    await redis.set(keys.counter, 1);
    await pipeline.startWriter({ maxAttempts: 1 });
    await until(async () => (await pipeline.deadLetters()).some(({ n }) => n === '1'), 20_000);
    const letters = await redis.xrange(keys.dead, '-', '+');
    const letter = letters.find(([, fields]) => fields[fields.indexOf('n') + 1] === '1');
    const clock = { now: Date.now(), floor: 0 };
    await replayDeadLetters({ redis, keys, group }, [letter![0]], clock);
    await until(() => follower.position() === 2, 10_000);
    expect(seen).toEqual([1]);
  });

  test('ends, and says why, where what it was given cannot be delivered', async () => {
    const { follower } = await follow({
      deliver: async () => Promise.reject(new Error('no room')),
    });
    await pipeline.publish(mixed(1));
    expect(await follower.failed).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'no room',
    });
    expect(follower.position()).toBe(0);
  });
});
