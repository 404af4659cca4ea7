import { fileURLToPath } from 'node:url';
import { decodeEntry } from '../src/apply/decode.ts';
import { connectRedis, whenConnected } from '../src/bus/connection.ts';
import { busKeys } from '../src/bus/keys.ts';
import { createProducer } from '../src/bus/producer.ts';
import { createGraph, type Graph } from '../src/graph/driver.ts';
import { migrate } from '../src/graph/migrate.ts';
import { mergeChanges, type StoredValue } from '../src/graph/rows.ts';
import { loadStatements, type Statement, type Statements } from '../src/graph/statement.ts';
import { createWriter, type LoggedEvent } from '../src/graph/writer.ts';
import { contentHash, parseEvent, type Envelope } from '../src/model/event.ts';
import { DOMAINS } from '../src/model/events/catalogue.ts';
import { startGraphRole } from '../src/roles/graph.ts';
import { SILENT } from '../src/telemetry.ts';
import { machine, median, progress, startBenchServers } from './servers.ts';

/** Events of the shape of platform.md: 1 build, 1 commit shared by 4, 2 artifacts, 3 edges, 1 log entry of about 500 bytes. */
function makeEvents(run: string, count: number): Envelope[] {
  const hex = (text: string, length: number): string =>
    Buffer.from(`${run}${text}`).toString('hex').padEnd(length, '0').slice(-length);
  return Array.from({ length: count }, (_, at) => ({
    specversion: '1.0',
    id: `${run}-${at}`,
    source: 'https://ci.example/acme/app',
    type: 'build.completed',
    time: new Date(1_790_000_000_000 + at * 1_000).toISOString(),
    data: {
      build: `https://ci.example/acme/app/runs/${run}/${at}`,
      commit: hex(`c${Math.floor(at / 4)}`.padStart(10, '0'), 40),
      outcome: 'success',
      artifacts: ['a', 'b'].map((part) => ({
        digest: `sha256:${hex(`${part}${at}`.padStart(12, '0'), 64)}`,
      })),
    },
  }));
}

type Rows = { key?: string; a?: string; b?: string; p?: Record<string, StoredValue> }[];
type PlainBatch = readonly (readonly [statement: string, rows: Rows])[];

function logged(events: readonly Envelope[]): LoggedEvent[] {
  return events.map((envelope, at) =>
    decodeEntry({
      text: JSON.stringify(envelope),
      n: at + 1,
      acceptedAt: Date.now(),
      contentHash: contentHash(envelope),
    }),
  );
}

/** The same facts without stamps and claims, one statement per label and edge type, deduplicated and sorted. */
function plainBatches(events: readonly LoggedEvent[], size: number): PlainBatch[] {
  const batches: PlainBatch[] = [];
  for (let at = 0; at < events.length; at += size) {
    const batch = events.slice(at, at + size);
    const rows = mergeChanges(batch);
    const nodes = (label: 'Build' | 'Commit' | 'Artifact'): Rows =>
      (rows.nodes.get(label) ?? []).map(({ key, f }) => ({
        key,
        p: Object.fromEntries(
          f
            .flatMap(({ p }) => Object.entries(p))
            .filter(([name, value]) => !name.startsWith('s_') && value !== null),
        ),
      }));
    const edges = (name: string): Rows =>
      (rows.edges.get(name) ?? []).map(({ a, b }) => ({ a, b }));
    batches.push([
      ['limit-events', batch.map(({ identity, properties }) => ({ key: identity, p: properties }))],
      ['limit-artifact', nodes('Artifact')],
      ['limit-build', nodes('Build')],
      ['limit-commit', nodes('Commit')],
      ['limit-built-from', edges('built-from-build-commit')],
      ['limit-generated-by', edges('generated-by-artifact-build')],
    ]);
  }
  return batches;
}

async function timed(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return count / ((performance.now() - start) / 1_000);
}

/** Runs jobs with at most `width` at a time. */
async function inFlight<T>(
  jobs: readonly T[],
  width: number,
  work: (job: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const job = jobs[next];
      next += 1;
      if (job === undefined) return;
      await work(job);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

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
        `round ${round}: limit ${Math.round(limit)}, same rows ${Math.round(same)}, stemma ${Math.round(ours.rate)} events/s`,
      );
      rounds.push({ limit, same, ours });
    }
    return {
      bench: 'ingest',
      unit: 'events/s',
      events: count,
      stemma: Math.round(median(rounds.map(({ ours }) => ours.rate))),
      limit: Math.round(median(rounds.map(({ limit }) => limit))),
      ratio: round2(median(rounds.map(({ ours, limit }) => ours.rate / limit))),
      limitSameRows: Math.round(median(rounds.map(({ same }) => same))),
      ratioSameRows: round2(median(rounds.map(({ ours, same }) => ours.rate / same))),
      best: { batch: best.size, inFlight: best.width },
      cpuSecondsPerMillion: round2(
        median(rounds.map(({ ours }) => ours.cpuSeconds)) / (count / 1_000_000),
      ),
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    await graph.close();
    await servers.stop();
  }
}

async function plain(
  graph: Graph,
  limits: Statements,
  events: readonly LoggedEvent[],
  size: number,
  width: number,
): Promise<number> {
  const batches = plainBatches(events, size);
  return timed(events.length, () =>
    inFlight(batches, width, (batch) =>
      graph.write('bench', async (runStatement) => {
        for (const [statement, rows] of batch) await runStatement(limits.get(statement), { rows });
      }),
    ),
  );
}

/** Our own writer with events that are decoded before the clock starts. */
async function sameRows(
  graph: Graph,
  statements: Statements,
  events: readonly LoggedEvent[],
  size: number,
  width: number,
): Promise<number> {
  const prepared: { statement: Statement; rows: unknown }[][] = [];
  for (let at = 0; at < events.length; at += size) {
    const recorded: { statement: Statement; rows: unknown }[] = [];
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
        for (const { statement, rows } of batch) {
          await runStatement(statement, rows as Record<string, unknown>); // as the writer gave it
        }
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
): Promise<{ rate: number; cpuSeconds: number }> {
  const keys = busKeys(`bench-${envelopes[0]?.id ?? ''}`);
  const redis = connectRedis({ url: servers.redisUrl, name: 'bench' });
  await whenConnected(redis);
  const producer = createProducer({ redis, keys, now: Date.now });
  await producer.publish(
    envelopes.map((envelope) => ({
      event: parseEvent(envelope),
      raw: JSON.stringify(envelope),
      contentHash: contentHash(envelope),
    })),
  );
  const cpu = process.cpuUsage();
  const start = performance.now();
  const subscriber = connectRedis({ url: servers.redisUrl, name: 'bench-sub' });
  let applied = 0;
  const done = new Promise<void>((resolve) => {
    subscriber.on('message', (_channel: string, text: string) => {
      applied += (JSON.parse(text) as { n: number[] }).n.length;
      if (applied >= envelopes.length) resolve();
    });
  });
  await whenConnected(subscriber);
  await subscriber.subscribe(keys.applied);
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
  await done;
  const seconds = (performance.now() - start) / 1_000;
  const used = process.cpuUsage(cpu);
  await role.stop();
  await redis.del(...keys.streams, ...keys.seen, keys.counter);
  redis.disconnect();
  subscriber.disconnect();
  return { rate: envelopes.length / seconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
