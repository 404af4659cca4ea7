import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, whenConnected } from '../src/bus/redis.ts';
import { busKeys } from '../src/bus/keys.ts';
import { createProducer } from '../src/bus/log/producer.ts';
import { makeEvents, toPublish } from './events.ts';
import { startRole } from './role-process.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

const BATCH = 500;
/** Events that may wait on the bus: the producer keeps the writer busy, and no more. */
const BACKLOG = 20_000;

/** A million events (or as many as asked for) at the rate that the writer sustains: its memory must stay flat. */
export async function run(argv: readonly string[]): Promise<object> {
  const count = Number(argv[0] ?? 1_000_000);
  const servers = await startBenchServers();
  const keys = busKeys();
  const redis = connectRedis({ url: servers.redisUrl, name: 'bench' });
  const subscriber = connectRedis({ url: servers.redisUrl, name: 'bench-sub' });
  try {
    await Promise.all([whenConnected(redis), whenConnected(subscriber)]);
    const writer = await startRole('graph', servers);
    let applied = 0;
    subscriber.on('message', (_channel: string, text: string) => {
      applied += (JSON.parse(text) as { n: number[] }).n.length;
    });
    await subscriber.subscribe(keys.reports('graph'));
    const producer = createProducer({ redis, keys, now: Date.now });
    const start = performance.now();
    const memory: number[] = [];
    const rates: number[] = [];
    let lastAt = start;
    let lastApplied = 0;
    for (let sent = 0; applied < count;) {
      if (sent < count && sent - applied < BACKLOG) {
        const envelopes = makeEvents(`soak${sent}`, Math.min(BATCH, count - sent));
        await producer.publish(toPublish(envelopes));
        sent += envelopes.length;
      } else await delay(20);
      if (performance.now() - lastAt > 5_000) {
        memory.push(writer.memoryMb());
        rates.push((applied - lastApplied) / ((performance.now() - lastAt) / 1_000));
        progress(
          `${applied} of ${count}, ${Math.round(rates.at(-1) ?? 0)} events/s, ${memory.at(-1)} MB`,
        );
        lastAt = performance.now();
        lastApplied = applied;
      }
    }
    const seconds = (performance.now() - start) / 1_000;
    const cpuSeconds = writer.cpuSeconds();
    memory.push(writer.memoryMb());
    const peak = writer.peakMemoryMb();
    await writer.stop();
    const quarter = Math.max(1, Math.floor(memory.length / 4));
    const first = median(memory.slice(0, quarter));
    const last = median(memory.slice(-quarter));
    return {
      bench: 'soak',
      unit: 'events/s',
      events: count,
      stemma: Math.round(count / seconds),
      limit: Math.round(Math.max(...rates, count / seconds)),
      ratio: round2(count / seconds / Math.max(...rates, count / seconds)),
      memoryMb: {
        firstQuarter: first,
        lastQuarter: last,
        peak,
        growth: round2(last / first - 1),
      },
      cpuSecondsPerMillion: round2(cpuSeconds / (count / 1_000_000)),
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    redis.disconnect();
    subscriber.disconnect();
    await servers.stop();
  }
}
