import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { busKeys } from '../src/bus/keys.ts';
import { createProducer } from '../src/bus/log/producer.ts';
import { connectRedis, whenConnected } from '../src/bus/redis.ts';
import { createClient } from '../src/cli/client.ts';
import { createGraph } from '../src/graph/driver.ts';
import { createDefinitionReader } from '../src/graph/read/definitions.ts';
import { loadStatements } from '../src/graph/statement.ts';
import type { Envelope } from '../src/model/event.ts';
import { makeEvents, toPublish } from './events.ts';
import { startRole } from './role-process.ts';
import {
  machine,
  median,
  progress,
  round2,
  startBenchServers,
  type BenchServers,
} from './servers.ts';

const EVENTS = 20_000;
const KEYS = 5_000;
const RATE = 500;
const TICK_MS = 20;
const WARM_UP_S = 3;
/** Every so many events, one watch acts. */
const MATCHING = 100;
const BATCH = 500;
const SOURCE = 'https://ci.example/definitions';

/**
 * What the role `watch` does in a second, in a process of its own, over a log that is in the graph already: events looked at by 100 and by
 * 1,000 watches with a CEL filter each, of which one acts on every hundredth event; gates that become complete. And how long it
 * takes from the call that publishes to a webhook, at 500 events/s, all roles in one process.
 *
 * @param argv events, default 20,000; keys of the gate, default 5,000; seconds of webhooks, default 10
 */
export async function run(argv: readonly string[]): Promise<object> {
  const events = Number(argv[0] ?? EVENTS);
  const keys = Number(argv[1] ?? KEYS);
  const seconds = Number(argv[2] ?? 10);
  const watches = [];
  for (const count of [100, 1_000]) {
    watches.push(await onOwnServers(async (servers) => lookedAt(servers, count, events)));
    progress(JSON.stringify(watches.at(-1)));
  }
  const gates = await onOwnServers(async (servers) => complete(servers, keys));
  progress(JSON.stringify(gates));
  const webhooks = await onOwnServers(async (servers) => received(servers, seconds));
  return { bench: 'watch', watches, gates, webhooks, machine: machine() };
}

async function onOwnServers<T>(work: (servers: BenchServers) => Promise<T>): Promise<T> {
  const servers = await startBenchServers();
  try {
    return await work(servers);
  } finally {
    await servers.stop();
  }
}

async function lookedAt(servers: BenchServers, count: number, events: number): Promise<object> {
  const definitions = Array.from({ length: count }, (_, at) => ({
    type: 'watch.defined',
    data: {
      ...{ name: `watch-${at}`, version: 1, types: ['build.completed'] },
      when: `outcome == 'success' && event.data.name == 'match-${at}'`,
      action: { redis: { channel: 'bench', message: 'event.id' } },
    },
  }));
  const all = makeEvents('watch', events).map((envelope, at) => ({
    ...envelope,
    data: {
      ...(envelope.data as object),
      name: at % MATCHING === 0 ? `match-${(at / MATCHING) % count}` : 'none',
    },
  }));
  const ids = definitions.map(({ data }) => `watch ${data.name}@1`);
  return { watches: count, ...(await follow(servers, definitions, all, ids)) };
}

async function complete(servers: BenchServers, keys: number): Promise<object> {
  const definition = {
    type: 'gate.defined',
    data: {
      ...{ name: 'bench', version: 1, key: 'artifacts' },
      inputs: [
        { name: 'built', types: ['artifact.created'] },
        { name: 'scanned', types: ['artifact.published'] },
      ],
    },
  };
  const all = Array.from({ length: keys }, (_, at): Envelope[] => {
    const digest = `sha256:${(at + 1).toString(16).padStart(64, '0')}`;
    const made = { specversion: '1.0', source: 'https://ci.example/gates' } as const;
    const location = `https://registry.example/${at}`;
    return [
      { ...made, id: `c-${at}`, type: 'artifact.created', data: { digest } },
      { ...made, id: `p-${at}`, type: 'artifact.published', data: { digest, location } },
    ];
  }).flat();
  const { events, seconds } = await follow(servers, [definition], all, ['gate bench@1']);
  return { keys, events, seconds, gatesPerSecond: Math.round(keys / seconds) };
}

/** How long the role takes to look at events that are in the graph. */
async function follow(
  servers: BenchServers,
  definitions: readonly object[],
  events: readonly Envelope[],
  ids: readonly string[],
) {
  const writer = await startRole('api,graph', servers);
  const client = createClient({ url: writer.address ?? '' });
  const made = definitions.map((one, at) =>
    JSON.stringify({ specversion: '1.0', id: `d-${at}`, source: SOURCE, ...one }),
  );
  const texts = events.map((event) => JSON.stringify(event));
  for (const list of [made, texts]) {
    for (let at = 0; at < list.length; at += BATCH) {
      const receipts = await client.postEvents(list.slice(at, at + BATCH), {
        ...{ wait: 'APPLIED', waitMs: 60_000 },
      });
      const bad = receipts.find(({ status }) => status !== 'APPLIED');
      if (bad !== undefined) throw new Error(JSON.stringify(bad));
    }
  }
  await writer.stop();
  const graph = createGraph({ uri: servers.neo4jUri, user: 'neo4j', password: '' });
  const reader = createDefinitionReader(graph, loadStatements());
  const until = definitions.length + events.length;
  const least = async (): Promise<number> => {
    const known = await reader.automationProgress(ids);
    return Math.min(...ids.map((id) => known.get(id) ?? 0));
  };
  const role = await startRole('watch', servers);
  try {
    const deadline = performance.now() + 300_000;
    let from: { readonly at: number; readonly n: number } | null = null;
    for (;;) {
      const n = await least();
      const at = performance.now();
      // what the first page cost is mostly the start of the process
      if (from === null && n > definitions.length) from = { at, n };
      if (from !== null && n >= until) {
        const seconds = (at - from.at) / 1_000;
        const looked = until - from.n;
        return {
          ...{ events: looked, seconds: round2(seconds) },
          eventsPerSecond: Math.round(looked / seconds),
          roleMemoryMb: role.peakMemoryMb(),
        };
      }
      if (at > deadline) throw new Error(`the role came to ${n} of ${until}`);
      await delay(20);
    }
  } finally {
    await role.stop();
    await graph.close();
  }
}

/** From the call that publishes to a server that is told of it. */
async function received(servers: BenchServers, seconds: number): Promise<object> {
  const came = new Map<string, number>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const { id } = JSON.parse(text) as { readonly id: string };
      if (!came.has(id)) came.set(id, performance.now());
      response.writeHead(204).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const role = await startRole('api,graph,watch', servers, {
    STEMMA_ALLOWED_TARGETS: `127.0.0.1:${port}`,
  });
  const redis = connectRedis({ url: servers.redisUrl, name: 'bench' });
  try {
    await whenConnected(redis);
    const client = createClient({ url: role.address ?? '' });
    const definition = JSON.stringify({
      ...{ specversion: '1.0', id: 'd', source: SOURCE, type: 'watch.defined' },
      data: {
        ...{ name: 'bench', version: 1, types: ['build.completed'] },
        action: { webhook: { url: `http://127.0.0.1:${port}/` } },
      },
    });
    await client.postEvents([definition], { wait: 'APPLIED', waitMs: 60_000 });
    const producer = createProducer({ redis, keys: busKeys(), now: Date.now });
    const perTick = (RATE * TICK_MS) / 1_000;
    const sent = new Map<string, number>();
    const start = performance.now();
    const publishing: Promise<unknown>[] = [];
    for (let tick = 0; tick < ((WARM_UP_S + seconds) * 1_000) / TICK_MS; tick += 1) {
      const events = makeEvents(`hook-${tick}`, perTick);
      const called = performance.now();
      publishing.push(producer.publish(toPublish(events)));
      if (tick >= (WARM_UP_S * 1_000) / TICK_MS) for (const { id } of events) sent.set(id, called);
      await delay(Math.max(0, start + (tick + 1) * TICK_MS - performance.now()));
    }
    await Promise.all(publishing);
    const deadline = performance.now() + 60_000;
    while ([...sent.keys()].some((id) => !came.has(id)) && performance.now() < deadline)
      await delay(50);
    const times = [...sent].flatMap(([id, then]) => {
      const at = came.get(id);
      return at === undefined ? [] : [at - then];
    });
    const sorted = times.toSorted((a, b) => a - b);
    return {
      ...{ eventsPerSecond: RATE, events: sent.size, lost: sent.size - times.length },
      p50Ms: round2(median(sorted)),
      p99Ms: round2(sorted[Math.floor(0.99 * sorted.length)] ?? 0),
      serviceMemoryMb: role.peakMemoryMb(),
    };
  } finally {
    await role.stop();
    redis.disconnect();
    server.close();
  }
}
