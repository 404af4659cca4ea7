import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, whenConnected } from '../src/bus/redis.ts';
import { busKeys } from '../src/bus/keys.ts';
import { progressOf } from '../src/bus/log/lag.ts';
import type { Envelope } from '../src/model/event.ts';
import { startRole } from './role-process.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

const RELEASES = 100;
/** Thousands that follow the first one; the last of them counts as warm. */
const WARM_UP = 4;
const WAIT_MS = 120_000;

type Path = 'waiting' | 'not waiting';
type Sample = {
  readonly startMs: number;
  readonly readyMs: number;
  readonly cold: number;
  readonly warm: number;
  /** CPU seconds of the database during the first thousand. */
  readonly cpu: number;
};

/**
 * Seconds from `POST /events` of the first 1,000 events of a fresh service (Redis, Neo4j and the service have just been started, all
 * is empty) to the moment when they are applied: by the answer to `wait=applied`, and by the bus where nobody waits. `limit` is
 * the same with warm plans.
 */
export async function run(argv: readonly string[]): Promise<object> {
  const rounds = Number(argv[0] ?? 3);
  const samples: Record<Path, Sample[]> = { waiting: [], 'not waiting': [] };
  let versions: Readonly<Record<string, string>> = {};
  for (let round = 1; round <= rounds; round += 1) {
    for (const path of ['waiting', 'not waiting'] as const) {
      const { sample, ...servers } = await measure(path);
      ({ versions } = servers);
      samples[path].push(sample);
      progress(
        `round ${round}, ${path}: ${JSON.stringify(sample, (_, value: unknown) => (typeof value === 'number' ? round2(value) : value))}`,
      );
    }
  }
  const all = Object.values(samples).flat();
  return {
    bench: 'cold',
    unit: 's',
    events: RELEASES * releaseOf('', 0).length,
    rows: (Object.keys(samples) as Path[]).map((path) => {
      const of = (name: keyof Sample): number =>
        round2(median(samples[path].map((sample) => sample[name])));
      return {
        ...{ bench: 'cold', path, unit: 's', stemma: of('cold'), limit: of('warm') },
        ratio: round2(median(samples[path].map(({ cold, warm }) => cold / warm))),
        databaseCpuSeconds: of('cpu'),
      };
    }),
    startMs: Math.round(median(all.map(({ startMs }) => startMs))),
    readyMs: Math.round(median(all.map(({ readyMs }) => readyMs))),
    machine: machine(),
    versions,
  };
}

async function measure(
  path: Path,
): Promise<{ sample: Sample; versions: Readonly<Record<string, string>> }> {
  const servers = await startBenchServers();
  const redis = connectRedis({ url: servers.redisUrl, name: 'bench' });
  try {
    await whenConnected(redis);
    const from = performance.now();
    const service = await startRole('api,graph', servers);
    const startMs = performance.now() - from;
    const url = service.address ?? '';
    while ((await fetch(`${url}/readyz`)).status !== 200) await delay(20);
    const readyMs = performance.now() - from;

    const settled = async (): Promise<void> => {
      while ((await progressOf(redis, busKeys(), 'graph')).waiting > 0) await delay(10);
    };
    const thousand = async (name: string): Promise<number> => {
      const body = JSON.stringify(
        Array.from({ length: RELEASES }, (_, at) => releaseOf(name, at)).flat(),
      );
      const start = performance.now();
      await post(url, path, body);
      await settled();
      return (performance.now() - start) / 1_000;
    };
    const cpu = servers.databaseCpuSeconds();
    const cold = await thousand('first');
    const used = servers.databaseCpuSeconds() - cpu;
    let warm = cold;
    for (let at = 1; at <= WARM_UP; at += 1) warm = await thousand(`more${at}`);
    await service.stop();
    const sample = { startMs, readyMs, cold, warm, cpu: used };
    return { sample, versions: servers.versions };
  } finally {
    redis.disconnect();
    await servers.stop();
  }
}

async function post(url: string, path: Path, body: string): Promise<void> {
  const query = path === 'waiting' ? `?wait=applied&waitMs=${WAIT_MS}` : '';
  const response = await fetch(`${url}/events${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body,
  });
  const answer = await response.text();
  if (response.status !== (path === 'waiting' ? 200 : 202))
    throw new Error(`${response.status}: ${answer.slice(0, 300)}`);
}

/** What a release of a service tells, from its commit to production. */
export function releaseOf(run: string, at: number): Envelope[] {
  const hex = (part: string, length: number, of = at): string =>
    Buffer.from(`${run}${part}${of}`).toString('hex').padEnd(length, '0').slice(0, length);
  const build = `https://ci.example/acme/app/runs/${run}/${at}`;
  const digest = `sha256:${hex('i', 64)}`;
  const commit = hex('c', 40);
  const deployment = `${run}-${at}`;
  const library = `pkg:npm/library-${at % 20}@1.0.${at}`;
  const said: readonly (readonly [type: string, data: Record<string, unknown>])[] = [
    [
      'source.commit.created',
      {
        ...{ commit, repository: 'https://git.example/acme/app', message: `change ${at}` },
        ...(at === 0 ? {} : { parents: [hex('c', 40, at - 1)] }),
      },
    ],
    ['build.queued', { build, repository: 'https://git.example/acme/app', commit }],
    ['build.started', { build, builder: 'https://runner.example/1' }],
    [
      'build.completed',
      { build, commit, outcome: 'success', artifacts: [{ digest }], materials: [library] },
    ],
    ['artifact.published', { digest, location: `registry.example/acme/app:${run}-${at}` }],
    ['artifact.signed', { digest, signer: { keyFingerprint: hex('k', 64) } }],
    ['testing.completed', { id: `${run}-${at}`, outcome: 'success' }],
    [
      'deployment.created',
      { deployment, artifacts: [digest], environment: 'production', scope: 'acme', service: 'app' },
    ],
    ['deployment.completed', { deployment }],
    ['vulnerability.detected', { vulnerability: `CVE-2026-${run}${at}`, affects: [library] }],
  ];
  return said.map(([type, data], part) => ({
    specversion: '1.0',
    id: `${run}-${at}-${part}`,
    source: 'https://ci.example/acme/app',
    type,
    time: new Date(1_790_000_000_000 + (at * said.length + part) * 1_000).toISOString(),
    data,
  }));
}
