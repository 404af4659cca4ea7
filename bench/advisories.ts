import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient, type Client } from '../src/cli/client.ts';
import { toId } from '../src/graphql/ids.ts';
import { ask } from './ask.ts';
import { startRole } from './role-process.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

/** Each deployment brings 100 package versions of its own: 10,000 make a million. */
const DEPLOYMENTS = 10_000;
const PER_DEPLOYMENT = 100;
const PACKAGES = 10_000;
const DOCUMENTS = 100_000;
const ROUNDS = 40;
const BATCH = 500;
const SERVICES = 200;
const PER_SERVICE = 300;
const POOL = 5_000;
/** Of the pool, so many are packages that advisories are about. */
const ADVISED = 60;
const SOURCE = 'https://ci.example/acme';

type Feeding = {
  readonly seconds: number;
  readonly documentsPerSecond: number;
  readonly peakMemoryMb: number;
  readonly report: Readonly<Record<string, unknown>>;
};

/**
 * A feed of advisories beside an organisation: documents/s and memory of `stemma ingest osv` when all are new (and applied) and when none is, and how
 * long it takes until a fresh advisory is in the graph, and until its first `impact` is answered; and `vulnerabilityReport` of an environment of 200 services, each with 300 packages of 5,000.
 *
 * @param argv advisories, default 100,000; live deployments, default 10,000
 */
export async function run(argv: readonly string[]): Promise<object> {
  const documents = Number(argv[0] ?? DOCUMENTS);
  const deployments = Number(argv[1] ?? DEPLOYMENTS);
  const servers = await startBenchServers();
  const directory = mkdtempSync(join(tmpdir(), 'stemma-advisories-'));
  try {
    const service = await startRole('api,graph', servers);
    const url = service.address ?? '';
    const client = createClient({ url });
    await load(client, deployments);
    await loadServices(client);
    progress(`${deployments} deployments with ${deployments * PER_DEPLOYMENT} package versions`);
    for (let at = 0; at < documents; at += 1) {
      const part = join(directory, String(Math.floor(at / 1_000)));
      if (at % 1_000 === 0) mkdirSync(part);
      writeFileSync(join(part, `BENCH-${at}.json`), advisoryText(`BENCH-${at}`, at));
    }
    const fresh = await feed(directory, url, documents);
    progress(JSON.stringify(fresh));
    const again = await feed(directory, url, documents);
    progress(JSON.stringify(again));
    const impact = await askOfFresh(client, url);
    const report = await askOfServices(url);
    const peakMemoryMb = service.peakMemoryMb();
    await service.stop();
    return {
      ...{ bench: 'advisories', unit: 'documents/s', documents, deployments },
      packageVersions: deployments * PER_DEPLOYMENT,
      ...{ new: fresh, unchanged: again, freshAdvisory: impact, vulnerabilityReport: report },
      servicePeakMemoryMb: peakMemoryMb,
      ...{ machine: machine(), versions: servers.versions },
    };
  } finally {
    await servers.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const event = (type: string, id: string, data: object): string =>
  JSON.stringify({
    ...{ specversion: '1.0', source: SOURCE, type, id, data },
    time: '2026-11-01T00:00:00Z',
  });

async function send(client: Client, events: readonly string[]): Promise<void> {
  for (let at = 0; at < events.length; at += BATCH) {
    await client.postEvents(events.slice(at, at + BATCH), { wait: 'APPLIED', waitMs: 60_000 });
  }
}

/** An environment of services that share packages, the first ones in almost all of them. */
export async function loadServices(client: Client): Promise<void> {
  const nameOf = (at: number) =>
    at % Math.floor(POOL / ADVISED) === 0 ? packageOf(at) : `pkg:npm/inner-${at}@1.0.0`;
  for (let at = 0; at < SERVICES; at += 1) {
    const digest = `sha256:${'5e'.repeat(28)}${at.toString(16).padStart(8, '0')}`;
    const components = Array.from({ length: PER_SERVICE }, (_, n) => {
      const purl = nameOf(n < PER_SERVICE / 2 ? n : (n * 97 + at * 31) % POOL);
      const [, name = '', version = ''] = /^pkg:npm\/(.*)@(.*)$/.exec(purl) ?? [];
      return { ...{ type: 'library', name, version, purl }, 'bom-ref': `${n}` };
    });
    const content = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      metadata: { component: { type: 'container', name: 'image', version: digest } },
      components,
    });
    const sha256 = createHash('sha256').update(content).digest('hex');
    const deployment = `https://deploy.example/own-${at}`;
    await send(client, [
      event('document.submitted', sha256, { digest: `sha256:${sha256}`, content }),
      event('deployment.created', `own-${at}`, {
        ...{ deployment, artifacts: [digest], environment: 'own', scope: 'acme' },
        service: `own-${at}`,
      }),
      event('deployment.completed', `own-${at}-end`, { deployment }),
    ]);
  }
}

async function askOfServices(url: string): Promise<object> {
  const query = `query ($of: ID!) { vulnerabilityReport(of: $of) { total affectedCount truncated
    findings(first: 50) { totalCount nodes { vulnerability { key } severity affectedCount
      items(first: 3) { nodes { subject { key } matches(first: 1) { nodes { fixedIn thing { key } } } } } } }
    unexamined { totalCount } } }`;
  const variables = { of: toId({ label: 'Environment', key: 'acme/own' }) };
  const times: number[] = [];
  let answer = '';
  for (let round = -2; round < ROUNDS; round += 1) {
    const start = performance.now();
    answer = await ask(`${url}/graphql`, JSON.stringify({ query, variables }));
    if (answer.includes('"errors"')) throw new Error(answer.slice(0, 1_000));
    if (round >= 0) times.push(performance.now() - start);
  }
  return { services: SERVICES, answer: answer.slice(0, 160), ...spread(times) };
}

/** Services that run, each with packages in versions that no other has. */
export async function load(client: Client, deployments: number): Promise<void> {
  for (let from = 0; from < deployments; from += 100) {
    const events = Array.from({ length: Math.min(100, deployments - from) }, (_, index) => {
      const at = from + index;
      const digest = `sha256:${(at + 1).toString(16).padStart(64, '0')}`;
      const contains = Array.from({ length: PER_DEPLOYMENT }, (__, n) =>
        packageOf(at * PER_DEPLOYMENT + n),
      );
      const deployment = `https://deploy.example/${at}`;
      return [
        event('artifact.created', `a-${at}`, { digest, contains }),
        event('deployment.created', `d-${at}`, {
          ...{ deployment, artifacts: [digest], environment: 'production', scope: 'acme' },
          service: `service-${at}`,
        }),
        event('deployment.completed', `f-${at}`, { deployment }),
      ];
    });
    await send(client, events.flat());
    if (from % 1_000 === 0) progress(`${from} of ${deployments} deployments`);
  }
}

function packageOf(at: number): string {
  return `pkg:npm/library-${at % PACKAGES}@1.0.${Math.floor(at / PACKAGES)}`;
}

/** Half of the advisories are about packages that nobody has. */
export function advisoryText(id: string, at: number): string {
  return JSON.stringify({
    ...{ schema_version: '1.7.0', id, modified: '2026-11-21T10:00:00Z' },
    ...{ published: '2026-11-20T10:00:00Z', aliases: [`CVE-2026-${100_000 + at}`] },
    summary: `Advisory ${id} of the bench`,
    details: 'What is wrong, at some length. '.repeat(20),
    affected: [
      {
        package: { ecosystem: 'npm', name: `library-${at % (2 * PACKAGES)}` },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.0.50' }] }],
      },
    ],
    database_specific: { severity: 'HIGH' },
  });
}

/** `stemma ingest osv` in a process of its own, as an operator runs it. */
async function feed(directory: string, url: string, documents: number): Promise<Feeding> {
  const start = performance.now();
  const binary = fileURLToPath(new URL('../bin/stemma.mjs', import.meta.url));
  const child = spawn(process.execPath, [binary, 'ingest', 'osv', directory, '--wait', '--json'], {
    env: { ...process.env, STEMMA_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  let peakMemoryMb = 0;
  while (child.exitCode === null && child.signalCode === null) {
    peakMemoryMb = Math.max(peakMemoryMb, memoryOf(child.pid ?? 0));
    await Promise.race([ended, delay(200)]);
  }
  const seconds = (performance.now() - start) / 1_000;
  return {
    seconds: round2(seconds),
    documentsPerSecond: Math.round(documents / seconds),
    peakMemoryMb,
    report: JSON.parse(out) as Readonly<Record<string, unknown>>,
  };
}

/** The most resident memory that a process ever had, MB; 0 where it has ended. */
function memoryOf(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1_024);
  } catch {
    return 0;
  }
}

/** Advisories that nobody has asked about before, each about a package of which a hundred versions are live. */
async function askOfFresh(client: Client, url: string): Promise<object> {
  const query = `query ($of: ID!) { impact(of: $of, environments: ["acme/production"]) {
    affectedCount unknownCount truncated affected(first: 50) { nodes { deployment { key } } } } }`;
  const [written, asked]: [number[], number[]] = [[], []];
  let answer = '';
  for (let round = -2; round < ROUNDS; round += 1) {
    const id = `FRESH-${round + 2}`;
    const content = advisoryText(id, 17 + (round + 2) * 101);
    const digest = createHash('sha256').update(content).digest('hex');
    const event = {
      ...{ specversion: '1.0', id: digest, source: SOURCE, type: 'document.submitted' },
      data: { digest: `sha256:${digest}`, content },
    };
    const sent = performance.now();
    await client.postEvents([JSON.stringify(event)], { wait: 'APPLIED', waitMs: 60_000 });
    const start = performance.now();
    const variables = { of: toId({ label: 'Vulnerability', key: id }) };
    answer = await ask(`${url}/graphql`, JSON.stringify({ query, variables }));
    if (answer.includes('"errors"')) throw new Error(answer.slice(0, 1_000));
    if (round < 0) continue;
    written.push(start - sent);
    asked.push(performance.now() - start);
  }
  return { answer: answer.slice(0, 120), applied: spread(written), impact: spread(asked) };
}

function spread(times: readonly number[]): object {
  const sorted = times.toSorted((a, b) => a - b);
  const p95 = sorted[Math.floor(0.95 * sorted.length)] ?? 0;
  return { p50Ms: round2(median(sorted)), p95Ms: round2(p95) };
}
