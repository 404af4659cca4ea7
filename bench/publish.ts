import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connectRedis, whenConnected } from '../src/bus/redis.ts';
import { busKeys } from '../src/bus/keys.ts';
import { readSettings } from '../src/environment.ts';
import { contentHash } from '../src/model/event.ts';
import { startService } from '../src/service.ts';
import { SILENT } from '../src/telemetry.ts';
import { inFlight, makeEvents } from './events.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

const BATCH = 500;
const WIDTH = 4;

/**
 * Validated events per second through `POST /events` and through `publishEvents`, client and server in one process, beside the
 * script call that appends them, with everything prepared before the clock starts.
 */
export async function run(argv: readonly string[]): Promise<object> {
  const count = Number(argv[0] ?? 20_000);
  const servers = await startBenchServers();
  const settings = readSettings({ STEMMA_PORT: '0', STEMMA_ROLES: 'api' });
  const service = await startService({
    settings,
    servers: {
      neo4j: { uri: servers.neo4jUri, user: '', password: '' },
      redis: { url: servers.redisUrl },
    },
    log: SILENT,
  });
  try {
    const url = service.address ?? '';
    let runs = 0;
    const name = (): string => `${Date.now().toString(36)}${(runs += 1)}`;
    progress('warming up');
    await throughHttp(url, name(), 5_000);
    await throughGraphql(url, name(), 5_000);
    await throughScript(servers.redisUrl, name(), 5_000);
    const rounds: { limit: Measured; http: Measured; graphql: Measured }[] = [];
    for (let round = 1; round <= 3; round += 1) {
      const limit = await throughScript(servers.redisUrl, name(), count);
      const http = await throughHttp(url, name(), count);
      const graphql = await throughGraphql(url, name(), count);
      progress(
        `round ${round}: script ${Math.round(limit.rate)}, POST /events ${Math.round(http.rate)}, publishEvents ${Math.round(graphql.rate)} events/s`,
      );
      rounds.push({ limit, http, graphql });
    }
    const row = (path: 'http' | 'graphql', title: string): object => ({
      bench: 'publish',
      path: title,
      unit: 'events/s',
      events: count,
      stemma: Math.round(median(rounds.map((round) => round[path].rate))),
      limit: Math.round(median(rounds.map(({ limit }) => limit.rate))),
      ratio: round2(median(rounds.map((round) => round[path].rate / round.limit.rate))),
      cpuSecondsPerMillion: round2(
        median(rounds.map((round) => round[path].cpuSeconds)) / (count / 1_000_000),
      ),
    });
    return {
      bench: 'publish',
      unit: 'events/s',
      rows: [row('http', 'POST /events'), row('graphql', 'publishEvents')],
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    await service.stop();
    await servers.stop();
  }
}

type Measured = { readonly rate: number; readonly cpuSeconds: number };

async function measured<T>(
  count: number,
  jobs: readonly T[],
  work: (job: T) => Promise<unknown>,
): Promise<Measured> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await inFlight(jobs, WIDTH, work);
  const seconds = (performance.now() - start) / 1_000;
  const used = process.cpuUsage(cpu);
  return { rate: count / seconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

function batches<T>(items: readonly T[]): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += BATCH) found.push(items.slice(at, at + BATCH));
  return found;
}

async function throughHttp(url: string, run: string, count: number): Promise<Measured> {
  const bodies = batches(makeEvents(run, count)).map((batch) => JSON.stringify(batch));
  return measured(count, bodies, async (body) => {
    const response = await fetch(`${url}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body,
    });
    if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  });
}

async function throughGraphql(url: string, run: string, count: number): Promise<Measured> {
  const query = 'mutation($events: [JSON!]!) { publishEvents(events: $events) { status } }';
  const bodies = batches(makeEvents(run, count)).map((events) =>
    JSON.stringify({ query, variables: { events } }),
  );
  return measured(count, bodies, async (body) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const answer = await response.text();
    if (response.status !== 200 || answer.includes('REJECTED'))
      throw new Error(answer.slice(0, 300));
  });
}

/** The same script with arguments that are ready: what Redis and the client library can do. */
async function throughScript(redisUrl: string, run: string, count: number): Promise<Measured> {
  const script = readFileSync(new URL('../src/bus/lua/append.lua', import.meta.url), 'utf8');
  const redis = connectRedis({ url: redisUrl, name: 'bench' });
  await whenConnected(redis);
  const keys = busKeys(`bench-${run}`);
  const names = [keys.counter, ...keys.seen, ...keys.streams];
  const calls = batches(makeEvents(run, count)).map((batch) =>
    batch.flatMap((envelope) => [
      2,
      createHash('sha256').update(envelope.id).digest('base64url').slice(0, 22),
      contentHash(envelope),
      JSON.stringify(envelope),
    ]),
  );
  const sha = String(await redis.script('LOAD', script));
  const result = await measured(count, calls, (argv) =>
    redis.evalsha(sha, names.length, ...names, Date.now(), 100_000, 0, ...argv),
  );
  await redis.del(...keys.streams, ...keys.seen, keys.counter);
  redis.disconnect();
  return result;
}
