import { randomUUID } from 'node:crypto';
import type { Redis } from '../../src/bus/redis.ts';
import { connectRedis, whenConnected } from '../../src/bus/redis.ts';
import type { Consumer } from '../../src/bus/group/member.ts';
import { busKeys, type BusKeys } from '../../src/bus/keys.ts';
import { createProducer, type Producer, type ProducerOptions } from '../../src/bus/log/producer.ts';
import { createGraph, type Graph } from '../../src/graph/driver.ts';
import { migrate } from '../../src/graph/migrate.ts';
import { loadStatements, type Statements } from '../../src/graph/statement.ts';
import { contentHash, parseEvent, type Envelope } from '../../src/model/event.ts';
import { DOMAINS } from '../../src/model/events/catalogue.ts';
import type { AcceptedEvent, Published } from '../../src/model/receipt.ts';
import type { ApiRole, ApiRoleOptions } from '../../src/roles/api.ts';
import { GRAPH, startGraphRole, type GraphRoleOptions } from '../../src/roles/graph.ts';
import { SILENT } from '../../src/telemetry.ts';
import { until } from './until.ts';

export type TestServers = {
  readonly redisUrl: string;
  readonly neo4jUri: string;
  readonly neo4jUser: string;
  readonly neo4jPassword: string;
};

/** What the bus said of an event, which it has. */
export type Answered = Exclude<Published, { readonly outcome: 'failed' }>;

export type PipelineOptions = {
  /** The clock of the edge. */
  readonly publishedAt?: () => number;
  readonly producer?: Partial<ProducerOptions>;
};

/** Bus and graph of one test: keys of its own in Redis; the graph is whatever server it is given. */
export interface Pipeline {
  readonly servers: TestServers;
  /** Tells its keys in Redis from those of others. */
  readonly tag: string;
  readonly redis: Redis;
  readonly keys: BusKeys;
  /** Of the writers. */
  readonly group: string;
  readonly graph: Graph;
  readonly statements: Statements;
  readonly producer: Producer;
  /** Validates and publishes. */
  publish(envelopes: readonly Envelope[]): Promise<Answered[]>;
  /** Puts an entry on a stream past the edge: what a foreign or older program might do. */
  append(stream: string, fields: Readonly<Record<string, string | number>>): Promise<string>;
  startWriter(options?: Partial<GraphRoleOptions>): Promise<Consumer>;
  /** On a port of its own, until the pipeline is stopped. */
  startApi(options?: Partial<ApiRoleOptions>): Promise<ApiRole>;
  /** Resolves when nothing on the bus waits for the writers. */
  caughtUp(deadlineMs?: number): Promise<void>;
  deadLetters(): Promise<Record<string, string>[]>;
  stopWriters(): Promise<void>;
  stop(): Promise<void>;
}

export async function createPipeline(
  servers: TestServers,
  options: PipelineOptions = {},
): Promise<Pipeline> {
  const tag = `t-${randomUUID()}`;
  const keys = busKeys(tag);
  const connect = (name: string, failFast = true): Redis =>
    connectRedis({ url: servers.redisUrl, name, failFast, onError: () => undefined });
  const redis = connect('test');
  await whenConnected(redis);
  const graph = createGraph({
    uri: servers.neo4jUri,
    user: servers.neo4jUser,
    password: servers.neo4jPassword,
  });
  const statements = loadStatements();
  await migrate(graph, statements);
  const producer = createProducer({
    ...{ redis, keys, now: options.publishedAt ?? Date.now },
    ...options.producer,
  });
  const consumers: Consumer[] = [];
  const apis: ApiRole[] = [];

  const stopWriters = async (): Promise<void> => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
  };

  return {
    servers,
    tag,
    redis,
    keys,
    group: GRAPH.name,
    graph,
    statements,
    producer,
    async publish(envelopes) {
      return (await producer.publish(envelopes.map(toAccepted))).map((one) => {
        if (one.outcome === 'failed') throw one.error;
        return one;
      });
    },
    append: async (stream, fields) =>
      String(await redis.xadd(stream, '*', ...Object.entries(fields).flat())),
    async startWriter(changes = {}) {
      const consumer = await startGraphRole({
        redis,
        connectReader: () => connect('reader', false),
        keys,
        graph,
        statements,
        domains: DOMAINS,
        greatestPosition: 0,
        now: Date.now,
        log: SILENT,
        ...{ claimEveryMs: 100, heartbeatMs: 2_000 },
        ...changes,
      });
      consumers.push(consumer);
      return consumer;
    },
    async startApi(changes = {}) {
      const { startApiRole } = await import('../../src/roles/api.ts'); // most tests do without
      const subscriber = connect('applied', false);
      await whenConnected(subscriber);
      const api = await startApiRole({
        connectReader: () => connect('live-reader', false),
        ...{ subscriber, redis, keys, producer, graph, statements, now: Date.now, log: SILENT },
        ...{ host: '127.0.0.1', port: 0, allowedHosts: [] },
        cursorSecret: 'of a test, and of no use elsewhere',
        readiness: async () => ({ ready: true, healthy: true, checks: [] }),
        ...changes,
      });
      apis.push(api);
      return api;
    },
    async caughtUp(deadlineMs = 120_000) {
      // a server may be on its way back
      await until(async () => (await waiting(redis, keys).catch(() => 1)) === 0, deadlineMs);
    },
    async deadLetters() {
      const entries = await redis.xrange(keys.dead, '-', '+');
      return entries.map(([, fields]) => {
        const map: Record<string, string> = {};
        for (let at = 0; at + 1 < fields.length; at += 2) map[fields[at]!] = fields[at + 1]!;
        return map;
      });
    },
    stopWriters,
    async stop() {
      await Promise.all(apis.map((api) => api.stop()));
      await stopWriters();
      const left = await redis.keys(`${keys.counter.slice(0, -2)}*`);
      if (left.length > 0) await redis.del(...left);
      redis.disconnect();
      await graph.close();
    },
  };
}

export function toAccepted(envelope: Envelope): AcceptedEvent {
  const raw = JSON.stringify(envelope);
  return { event: parseEvent(envelope), raw, contentHash: contentHash(envelope) };
}

/** Entries that are unread or not acknowledged. */
async function waiting(redis: Redis, keys: BusKeys): Promise<number> {
  let count = 0;
  for (const stream of keys.streams) {
    const groups = (await redis.xinfo('GROUPS', stream).catch(() => [])) as (string | number)[][];
    const group = groups.find((fields) => fields[fields.indexOf('name') + 1] === GRAPH.name);
    if (group === undefined) {
      count += await redis.xlen(stream);
      continue;
    }
    count += Number(group[group.indexOf('pending') + 1]);
    const last = String(group[group.indexOf('last-delivered-id') + 1]);
    count += (await redis.xrange(stream, `(${last}`, '+', 'COUNT', 1)).length;
  }
  return count;
}
