import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { connectRedis, whenConnected, type Redis } from '../src/bus/redis.ts';
import { busKeys } from '../src/bus/keys.ts';
import { createProducer } from '../src/bus/log/producer.ts';
import { makeEvents, toPublish } from './events.ts';
import { startRole } from './role-process.ts';
import { machine, progress, round2, startBenchServers, type BenchServers } from './servers.ts';

const SUBSCRIBERS = 100;
const TICK_MS = 20;
const WARM_UP_S = 3;
/** What was published and did not come by then is lost. */
const LAST_MS = 10_000;
const STAGES = [
  { at: 'APPLIED', rates: [100, 1_000] }, // first: nobody writes what the others leave
  { at: 'ACCEPTED', rates: [100, 1_000, 10_000] },
] as const;

const QUERY = `subscription ($id: String!, $at: EventStage!) {
  events(filter: { workflowId: $id }, at: $at) { position event { position } }
}`;
type Item = { readonly event: { readonly position: number } | null };

/**
 * From the call that publishes to the subscriber, over WebSockets: 100 subscribers, each with a filter of its own that takes every
 * hundredth event; the API, and for APPLIED a writer, are processes of their own. `limit` = a bare XADD → XREAD of the same bytes on
 * a stream of its own, in the same run, once for each tick.
 */
export async function run(argv: readonly string[]): Promise<object> {
  const seconds = Number(argv[0] ?? 10); // where nobody reads, the bus takes no more than 200,000 events
  const servers = await startBenchServers();
  try {
    const rows: object[] = [];
    const api = await startRole('api', servers);
    for (const { at, rates } of STAGES) {
      const writer = at === 'APPLIED' ? await startRole('graph', servers) : null;
      for (const rate of rates) {
        const row = await measure({ servers, url: api.address ?? '', at, rate, seconds });
        rows.push({ ...row, apiMemoryMb: api.memoryMb() });
        progress(JSON.stringify(rows.at(-1)));
      }
      await writer?.stop();
    }
    await api.stop();
    return { bench: 'live', unit: 'ms', rows, machine: machine(), versions: servers.versions };
  } finally {
    await servers.stop();
  }
}

type Measured = {
  readonly servers: BenchServers;
  readonly url: string;
  readonly at: string;
  readonly rate: number;
  readonly seconds: number;
};

async function measure({ servers, url, at, rate, seconds }: Measured): Promise<object> {
  const connect = (name: string) => connectRedis({ url: servers.redisUrl, name });
  const [redis, reading, writing] = [connect('bench'), connect('bench-read'), connect('bench-add')];
  await Promise.all([redis, reading, writing].map(async (one) => whenConnected(one)));
  const run = `live-${at}-${rate}`;
  const received = new Map<number, number>();
  const subscribers = await subscribe(url, run, at, (position) => {
    received.set(position, performance.now());
  });
  const bare = measureBare(reading, writing, run);
  try {
    const producer = createProducer({ redis, keys: busKeys(), now: Date.now });
    const perTick = (rate * TICK_MS) / 1_000;
    const published = new Map<number, number>();
    const warmUp = (WARM_UP_S * 1_000) / TICK_MS;
    const ticks = warmUp + (seconds * 1_000) / TICK_MS;
    const publishing: Promise<void>[] = [];
    const start = performance.now();
    let sent = 0;
    for (let tick = 0; tick < ticks; tick += 1) {
      const count = Math.round((tick + 1) * perTick) - Math.round(tick * perTick);
      const events = makeEvents(`${run}-${tick}`, count).map((envelope) => {
        sent += 1;
        return { ...envelope, workflowid: `${run}-${sent % SUBSCRIBERS}` };
      });
      const ready = toPublish(events);
      const called = performance.now();
      bare.add();
      if (ready.length > 0) {
        publishing.push(
          producer.publish(ready).then((results) => {
            for (const result of results) {
              if (result.outcome !== 'appended')
                throw new Error(`not published: ${result.outcome}`);
              if (tick >= warmUp) published.set(result.position, called);
            }
          }),
        );
      }
      await delay(Math.max(0, start + (tick + 1) * TICK_MS - performance.now()));
    }
    await Promise.all(publishing);
    const tookMs = performance.now() - start;
    const deadline = performance.now() + LAST_MS;
    const isMissing = (): boolean => [...published.keys()].some((n) => !received.has(n));
    while (isMissing() && performance.now() < deadline) await delay(50);
    const latencies = [...published].flatMap(([n, then]) => {
      const came = received.get(n);
      return came === undefined ? [] : [came - then];
    });
    return {
      ...{ rate, subscribers: SUBSCRIBERS, at, events: published.size },
      lost: published.size - latencies.length,
      publishedPerSecond: Math.round((sent * 1_000) / tookMs),
      p50Ms: p(latencies, 0.5),
      p95Ms: p(latencies, 0.95),
      p99Ms: p(latencies, 0.99),
      limitP50Ms: p(bare.latencies, 0.5),
      limitP99Ms: p(bare.latencies, 0.99),
    };
  } finally {
    await bare.stop();
    await subscribers.stop();
    for (const one of [redis, reading, writing]) one.disconnect();
  }
}

/** One socket each. Resolves when each has been told from where on. */
async function subscribe(url: string, run: string, at: string, came: (position: number) => void) {
  const ready: Promise<void>[] = [];
  const clients = Array.from({ length: SUBSCRIBERS }, (_, index) => {
    const client = createClient({
      ...{ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket },
      ...{ retryAttempts: 0, lazy: true },
    });
    const first = Promise.withResolvers<undefined>();
    ready.push(first.promise);
    client.subscribe<{ readonly events: Item }>(
      { query: QUERY, variables: { id: `${run}-${index}`, at } },
      {
        next({ data }) {
          if (data?.events.event == null) first.resolve(undefined);
          else came(data.events.event.position);
        },
        error: first.reject,
        complete: () => undefined,
      },
    );
    return client;
  });
  await Promise.all(ready);
  return {
    async stop() {
      await Promise.all(clients.map(async (client) => client.dispose()));
    },
  };
}

/** What Redis alone takes from XADD to a reader that waits. */
function measureBare(reading: Redis, writing: Redis, run: string) {
  const stream = `${run}-bare`;
  const text = JSON.stringify(makeEvents(run, 1)[0]);
  const latencies: number[] = [];
  const ending = new AbortController();
  const loop = (async () => {
    let last = '$';
    while (!ending.signal.aborted) {
      const reply = await reading.xread('BLOCK', 500, 'STREAMS', stream, last);
      const now = performance.now();
      for (const [id, fields] of reply?.[0]?.[1] ?? []) {
        last = id;
        latencies.push(now - Number(fields[1]));
      }
    }
  })();
  return {
    latencies,
    add() {
      void writing.xadd(stream, '*', 'at', performance.now(), 'e', text);
    },
    async stop() {
      ending.abort();
      await loop;
      await writing.del(stream);
    },
  };
}

function p(values: readonly number[], share: number): number {
  const sorted = values.toSorted((x, y) => x - y);
  return round2(
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN,
  );
}
