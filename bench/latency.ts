import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectRedis, whenConnected } from '../src/bus/redis.ts';
import { busKeys } from '../src/bus/keys.ts';
import { createProducer } from '../src/bus/log/producer.ts';
import { createGraph } from '../src/graph/driver.ts';
import { loadStatements } from '../src/graph/statement.ts';
import { contentHash, parseEvent } from '../src/model/event.ts';
import { makeEvents } from './events.ts';
import { startRole } from './role-process.ts';
import { machine, progress, round2, startBenchServers } from './servers.ts';

const RATE = 1_000;
/** Events per tick of 50 ms. */
const TICK_MS = 50;
const WARM_UP_S = 15;

/**
 * From the call that publishes to the moment at which the event is committed in the graph, at 1,000 events/s, by the writer's
 * report; one event in a hundred is also looked up in the graph when the report comes. `limit` = a bare read of the database.
 */
export async function run(argv: readonly string[]): Promise<object> {
  const seconds = Number(argv[0] ?? 20);
  const servers = await startBenchServers();
  const keys = busKeys();
  const redis = connectRedis({ url: servers.redisUrl, name: 'bench' });
  const subscriber = connectRedis({ url: servers.redisUrl, name: 'bench-sub' });
  const graph = createGraph({ uri: servers.neo4jUri, user: '', password: '' });
  try {
    await Promise.all([whenConnected(redis), whenConnected(subscriber)]);
    const writer = await startRole('graph', servers);
    const isApplied = loadStatements(fileURLToPath(new URL('cypher/', import.meta.url))).get(
      'is-applied',
    );
    const publishedAt = new Map<number, number>();
    const early: number[] = [];
    const latencies: number[] = [];
    let looked = 0;
    let unseen = 0;
    const settle = (n: number, at: number): void => {
      const start = publishedAt.get(n);
      if (start === undefined) {
        early.push(n);
        return;
      }
      latencies.push(at - start);
      if (n % 100 !== 0) return;
      looked += 1;
      void graph.read(isApplied, { n }).then(([row]) => {
        if (row?.get('found') !== true) unseen += 1;
      });
    };
    subscriber.on('message', (_channel: string, text: string) => {
      const at = performance.now();
      for (const n of (JSON.parse(text) as { n: number[] }).n) settle(n, at);
    });
    await subscriber.subscribe(keys.reports('graph'));
    const producer = createProducer({ redis, keys, now: Date.now });
    const perTick = (RATE * TICK_MS) / 1_000;
    const ticks = (seconds * 1_000) / TICK_MS;
    const warmUp = (WARM_UP_S * 1_000) / TICK_MS;
    let next = performance.now();
    let cold = 0;
    for (let tick = -warmUp; tick < ticks; tick += 1) {
      if (tick === 0) {
        // what the compilers of the writer and of the database still held up is not part of the sustained rate
        while (latencies.length < warmUp * perTick) await delay(TICK_MS);
        cold = p(latencies, 0.99);
        latencies.length = 0;
        next = performance.now();
      }
      const events = makeEvents(`lat${tick}`, perTick).map((envelope) => ({
        event: parseEvent(envelope),
        raw: JSON.stringify(envelope),
        contentHash: contentHash(envelope),
      }));
      const start = performance.now();
      for (const result of await producer.publish(events)) {
        if (result.outcome !== 'failed') publishedAt.set(result.position, start);
      }
      for (const n of early.splice(0)) settle(n, performance.now());
      next += TICK_MS;
      await delay(Math.max(0, next - performance.now()));
    }
    await delay(2_000); // the last reports; what is missing then counts as lost
    const reads: number[] = [];
    for (let at = 0; at < 200; at += 1) {
      const start = performance.now();
      await graph.read(isApplied, { n: 1 });
      reads.push(performance.now() - start);
    }
    await writer.stop();
    progress(
      `${latencies.length} of ${RATE * seconds} events measured, ${looked} looked up, ${unseen} not there`,
    );
    return {
      bench: 'latency',
      unit: 'ms',
      rate: RATE,
      events: latencies.length,
      stemma: p(latencies, 0.99),
      p50Ms: p(latencies, 0.5),
      p95Ms: p(latencies, 0.95),
      p99Ms: p(latencies, 0.99),
      coldP99Ms: cold,
      limit: p(reads, 0.5),
      ratio: round2(p(latencies, 0.5) / p(reads, 0.5)),
      unseen,
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    redis.disconnect();
    subscriber.disconnect();
    await graph.close();
    await servers.stop();
  }
}

function p(values: number[], share: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  return round2(
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN,
  );
}
