import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defineGroup, startGroup } from '../../../src/bus/group/group.ts';
import { replayDeadLetters } from '../../../src/bus/letters/dead-letters.ts';
import { progressOf } from '../../../src/bus/log/lag.ts';
import { readinessOfBus } from '../../../src/bus/readiness.ts';
import { connectRedis, serverOf, whenConnected, type Redis } from '../../../src/bus/redis.ts';
import { DOMAINS } from '../../../src/model/events/catalogue.ts';
import { createPublisher } from '../../../src/roles/publisher.ts';
import { startLocalRedis, type LocalRedis } from '../../../src/servers/local-redis.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { event, hex } from '../../support/events.ts';
import { createPipeline, toAccepted, type Pipeline } from '../../support/pipeline.ts';
import { redisBinary } from '../../support/server-paths.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** A Redis Cluster of two nodes with half of the slots each. */
const nodes: LocalRedis[] = [];
let dataDirs: string[] = [];
let url: string;

const connect = (name: string, to = url): Redis =>
  connectRedis({ url: to, name, failFast: false, onError: () => undefined });

beforeAll(async () => {
  const binary = await redisBinary();
  dataDirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'stemma-cluster-')));
  for (const dataDir of dataDirs) {
    const settings = {
      ...{ 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' },
      'cluster-node-timeout': '5000',
    };
    const port = await portOfNode();
    nodes.push(
      await startLocalRedis({ binary, dataDir, port, settings, environment: process.env }),
    );
  }
  const alone = nodes.map((node) => connect('setup', node.url));
  const half = 16_384 / 2;
  for (const [at, redis] of alone.entries()) {
    await whenConnected(redis);
    const slots = Array.from({ length: half }, (_, slot) => at * half + slot);
    await redis.cluster('ADDSLOTS', ...slots);
    await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
  }
  await alone[0]!.cluster('MEET', '127.0.0.1', nodes[1]!.port);
  const isWhole = async (redis: Redis): Promise<boolean> => {
    const info = await redis.cluster('INFO');
    return info.includes('cluster_state:ok') && info.includes('cluster_size:2');
  };
  for (const redis of alone) await until(() => isWhole(redis), 30_000);
  for (const redis of alone) redis.disconnect();
  url = `${nodes[0]!.url}, 127.0.0.1:${nodes[1]!.port}`;
}, 60_000);

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
});

/** Nodes talk to each other on a port that is 10,000 greater. */
async function portOfNode(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    if (port <= 55_000) return port;
  }
}

/** A log whose keys this node holds. */
async function pipelineOn(node: LocalRedis): Promise<Pipeline> {
  for (;;) {
    const pipeline = await createPipeline({ ...sharedServers(), redisUrl: url });
    const holder = await serverOf(pipeline.redis, pipeline.keys.counter);
    if ((await holder.info('server')).includes(`tcp_port:${node.port}`)) return pipeline;
    await pipeline.stop();
  }
}

test.each([0, 1])(
  'the bus on the node %i of a Redis Cluster: events are applied, reported, followed, refused and replayed',
  async (at) => {
    const pipeline = await pipelineOn(nodes[at]!);
    const { redis, keys, group, producer } = pipeline;
    const subscriber = connect('applied');
    const publisher = await createPublisher({
      ...{ producer, subscriber, bus: { redis, keys, group }, now: Date.now },
    });
    const followed: number[] = [];
    const FEED = defineGroup({ name: 'feed', acknowledges: false, domains: DOMAINS });
    const follower = await startGroup(FEED, {
      ...{ redis, keys, log: SILENT, connectReader: () => connect('feed') },
      async deliver(entries) {
        followed.push(...entries.map(({ n }) => n));
        return Promise.resolve();
      },
    });
    const inOrder: number[] = [];
    const QUEUE = defineGroup({ name: 'queue', required: true, ordered: true, domains: DOMAINS });
    const queue = await startGroup(QUEUE, {
      ...{ redis, keys, now: Date.now, log: SILENT, greatestPosition: 0 },
      connectReader: () => connect('queue'),
      async process(entries) {
        inOrder.push(...entries.map(({ n }) => n));
        return Promise.resolve(entries.map(() => ({ kind: 'applied' }) as const));
      },
    });
    await pipeline.startWriter({ connectReader: () => connect('reader'), maintenanceMs: 100 });

    const scope = randomUUID();
    const events = Array.from({ length: 40 }, (_, id) =>
      id % 2 === 0
        ? event(
            'build.started',
            { build: `https://ci.example/${scope}/${id}` },
            { id: `${scope}-${id}` },
          )
        : event(
            'artifact.created',
            { digest: `sha256:${hex(`${scope}-${id}`)}` },
            { id: `${scope}-${id}` },
          ),
    );
    await publisher.publish(events.map(toAccepted));
    expect(await publisher.publish([toAccepted(events[3]!)])).toMatchObject([
      { outcome: 'duplicate', position: 4 },
    ]);
    expect(await publisher.whenApplied(40, 20_000)).toEqual({ status: 'APPLIED', error: null });
    await until(() => followed.length === 40 && inOrder.length === 40, 20_000);
    const all = Array.from({ length: 40 }, (_, n) => n + 1);
    expect([followed, inOrder]).toEqual([all, all]);

    await redis.eval(
      "redis.call('XADD', KEYS[2], '*', 'n', redis.call('INCR', KEYS[1]), 'acceptedAt', 1, 'e', '{')",
      ...([2, keys.counter, keys.stream('build')] as const),
    );
    await until(async () => (await pipeline.deadLetters()).length === 1, 20_000);
    const [letter] = await redis.xrange(keys.dead, '-', '+');
    const clock = { now: Date.now(), floor: 0 };
    expect(await replayDeadLetters({ redis, keys, group }, [letter![0]], clock)).toMatchObject([
      { outcome: 'replayed', position: 42 },
    ]);
    await until(async () => (await progressOf(redis, keys, group)).through === 42, 20_000);
    await until(async () => (await progressOf(redis, keys, 'queue')).through === 42, 20_000);
    await until(async () => (await redis.xlen(keys.stream('artifact'))) === 0, 20_000); // trimmed

    const checks = await readinessOfBus({ redis, keys, group, floor: 0, now: Date.now });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    await Promise.all([follower.stop(), queue.stop(), publisher.stop()]);
    await pipeline.stop();
  },
  60_000,
);

test('one node of a cluster alone is refused, and the remedy named', async () => {
  const pipeline = await createPipeline({ ...sharedServers(), redisUrl: nodes[0]!.url });
  await expect(pipeline.startWriter()).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('separated by commas'),
  });
  await pipeline.stop();
});
