import { fileURLToPath } from 'node:url';
import type { Redis } from '../src/bus/redis.ts';
import { connectRedis, whenConnected } from '../src/bus/redis.ts';
import { busKeys, type BusKeys } from '../src/bus/keys.ts';
import { createProducer } from '../src/bus/log/producer.ts';
import { createGraph, type Graph } from '../src/graph/driver.ts';
import { migrate } from '../src/graph/migrate.ts';
import { loadStatements, type Query, type Statements } from '../src/graph/statement.ts';
import { createWriter, type LoggedEvent } from '../src/graph/write/writer.ts';
import { contentHash, parseEvent, type Envelope } from '../src/model/event.ts';
import { DOMAINS } from '../src/model/events/catalogue.ts';
import { startGraphRole } from '../src/roles/graph.ts';
import { SILENT } from '../src/telemetry.ts';
import { inFlight, makeEvents } from './events.ts';
import { startRole } from './role-process.ts';
import { logged, plain, timed } from './plain.ts';
import {
  machine,
  median,
  progress,
  round2,
  startBenchServers,
  type BenchServers,
} from './servers.ts';

export async function run(argv: readonly string[]): Promise<object> {
  const count = Number(argv[0] ?? 20_000);
  const servers = await startBenchServers();
  const graph = createGraph({ uri: servers.neo4jUri, user: '', password: '' });
  try {
    const statements = loadStatements();
    const limits = loadStatements(fileURLToPath(new URL('./cypher/', import.meta.url)));
    await migrate(graph, statements);
    let runs = 0;
    const name = (): string => `${Date.now().toString(36)}${(runs += 1)}`;

    progress('warming up');
    await plain(graph, limits, logged(makeEvents(name(), 5_000)), 1_000, 2);
    await sameRows(graph, statements, logged(makeEvents(name(), 5_000)), 1_000, 2);
    await pipeline(servers, graph, statements, makeEvents(name(), 5_000));

    progress('looking for the best batch size of the plain write');
    let best = { rate: 0, size: 1_000, width: 2 };
    for (const size of [500, 1_000, 2_000]) {
      for (const width of [1, 2, 3]) {
        const rate = await plain(graph, limits, logged(makeEvents(name(), count / 2)), size, width);
        progress(`  ${size} x ${width}: ${Math.round(rate)} events/s`);
        if (rate > best.rate) best = { rate, size, width };
      }
    }
    const rounds = [];
    for (let round = 1; round <= 3; round += 1) {
      const limit = await plain(
        graph,
        limits,
        logged(makeEvents(name(), count)),
        best.size,
        best.width,
      );
      const same = await sameRows(
        graph,
        statements,
        logged(makeEvents(name(), count)),
        best.size,
        best.width,
      );
      const ours = await pipeline(servers, graph, statements, makeEvents(name(), count));
      progress(
        `round ${round}: limit ${Math.round(limit)}, same rows ${Math.round(same)}, stemma ${Math.round(ours)} events/s`,
      );
      rounds.push({ limit, same, ours });
    }
    await graph.execute(limits.get('wipe'), {}); // a bus that begins anew is refused beside a log that knows more
    const alone = await roleAlone(servers, makeEvents(name(), count));
    return {
      bench: 'ingest',
      unit: 'events/s',
      events: count,
      stemma: Math.round(median(rounds.map(({ ours }) => ours))),
      limit: Math.round(median(rounds.map(({ limit }) => limit))),
      ratio: round2(median(rounds.map(({ ours, limit }) => ours / limit))),
      limitSameRows: Math.round(median(rounds.map(({ same }) => same))),
      ratioSameRows: round2(median(rounds.map(({ ours, same }) => ours / same))),
      best: { batch: best.size, inFlight: best.width },
      cpuSecondsPerMillion: round2(alone.cpuSeconds / (count / 1_000_000)),
      peakMemoryMb: alone.peakMemoryMb,
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    await graph.close();
    await servers.stop();
  }
}

/** Our own writer with events that are decoded before the clock starts. */
async function sameRows(
  graph: Graph,
  statements: Statements,
  events: readonly LoggedEvent[],
  size: number,
  width: number,
): Promise<number> {
  const prepared: { statement: Query; rows: unknown }[][] = [];
  for (let at = 0; at < events.length; at += size) {
    const recorded: { statement: Query; rows: unknown }[] = [];
    const recorder: Graph = {
      ...graph,
      write: async (_name, work) =>
        work(async (statement, parameters) => {
          recorded.push({ statement, rows: parameters });
          return Promise.resolve([]);
        }),
    };
    const writer = createWriter({
      graph: recorder,
      statements,
      assertedBy: () => ({ claim: null, edges: [] }),
    });
    await writer.write(events.slice(at, at + size));
    prepared.push(recorded);
  }
  return timed(events.length, () =>
    inFlight(prepared, width, (batch) =>
      graph.write('bench', async (runStatement) => {
        // as the writer gave them
        await Promise.all(
          batch.map(({ statement, rows }) =>
            runStatement(statement, rows as Record<string, unknown>),
          ),
        );
      }),
    ),
  );
}

/** The whole way: entries are on the bus, the clock runs from the start of the graph role until the last one is acknowledged. */
async function pipeline(
  servers: { redisUrl: string },
  graph: Graph,
  statements: Statements,
  envelopes: readonly Envelope[],
): Promise<number> {
  const bus = await fillBus(servers, busKeys(`bench-${envelopes[0]?.id ?? ''}`), envelopes);
  const { redis, keys } = bus;
  const start = performance.now();
  const role = await startGraphRole({
    redis,
    connectReader: () =>
      connectRedis({ url: servers.redisUrl, name: 'bench-reader', failFast: false }),
    keys,
    graph,
    statements,
    domains: DOMAINS,
    greatestPosition: 0,
    now: Date.now,
    log: SILENT,
  });
  await bus.applied;
  const seconds = (performance.now() - start) / 1_000;
  await role.stop();
  await bus.close();
  return envelopes.length / seconds;
}

/** The role as an operator runs it, in a process of its own: what it takes of the machine, its start included. */
async function roleAlone(
  servers: BenchServers,
  envelopes: readonly Envelope[],
): Promise<{ cpuSeconds: number; peakMemoryMb: number }> {
  const bus = await fillBus(servers, busKeys(), envelopes);
  const role = await startRole('graph', servers);
  await bus.applied;
  const used = { cpuSeconds: role.cpuSeconds(), peakMemoryMb: role.peakMemoryMb() };
  await role.stop();
  await bus.close();
  return used;
}

/** Puts events on the bus; `applied` resolves when writers have reported as many. */
async function fillBus(
  servers: { redisUrl: string },
  keys: BusKeys,
  envelopes: readonly Envelope[],
): Promise<{ redis: Redis; keys: BusKeys; applied: Promise<void>; close: () => Promise<void> }> {
  const redis = connectRedis({ url: servers.redisUrl, name: 'bench' });
  const subscriber = connectRedis({ url: servers.redisUrl, name: 'bench-sub' });
  await Promise.all([whenConnected(redis), whenConnected(subscriber)]);
  const producer = createProducer({ redis, keys, now: Date.now });
  await producer.publish(
    envelopes.map((envelope) => ({
      event: parseEvent(envelope),
      raw: JSON.stringify(envelope),
      contentHash: contentHash(envelope),
    })),
  );
  let count = 0;
  const applied = new Promise<void>((resolve) => {
    subscriber.on('message', (_channel: string, text: string) => {
      count += (JSON.parse(text) as { n: number[] }).n.length;
      if (count >= envelopes.length) resolve();
    });
  });
  await subscriber.subscribe(keys.reports('graph'));
  return {
    redis,
    keys,
    applied,
    async close() {
      await redis.del(...keys.streams, ...keys.seen, keys.counter);
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
