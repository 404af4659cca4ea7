import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { RULES_VERSION } from '../model/rules.ts';
import { hasDockerCompose, hasDockerEngine } from '../servers/docker.ts';
import { findJava, findOnPath } from '../servers/java.ts';
import { isPortFree } from '../servers/port.ts';
import { findRedisServer } from '../servers/redis-binary.ts';
import { readRunning } from '../servers/running.ts';
import type { RunningService } from '../servers/running.ts';
import { settingsShown, unknownSettings } from '../settings.ts';
import { SERVERS_DIR } from '../servers/servers-dir.ts';
import { OLDEST_NODE } from '../version.ts';

export type CheckStatus = 'ok' | 'warn' | 'fail';

export type Check = {
  readonly name: string;
  readonly status: CheckStatus;
  readonly found: string;
  /** What to do; null when nothing is to be done. */
  readonly remedy: string | null;
};

export type DoctorReport = {
  readonly version: 1;
  readonly ok: boolean;
  readonly checks: readonly Check[];
};

export type RedisFacts = {
  readonly version: string;
  readonly appendOnly: boolean;
  readonly maxmemoryPolicy: string;
};

export type DoctorOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly serversDir?: string;
  /** Where the API listens; 4000 when not given. */
  readonly port?: number;
  /** Version of the Node that runs this, without the `v`. */
  readonly nodeVersion: string;
  /** Only src/bus and src/graph may hold a client, so they lend the question. */
  readonly probeRedis: (url: string) => Promise<RedisFacts>;
  readonly probeNeo4j: (address: { uri: string; user: string; password: string }) => Promise<{
    version: string;
    /** Rules under which the graph was written; null where it is empty. */
    rules: number | null;
  }>;
  readonly fetch?: (url: string, init: { signal: AbortSignal }) => Promise<{ status: number }>;
};

const OLDEST_JAVA = 17;
const LITTLE_DISK_BYTES = 2 * 1024 ** 3;
const NO_DISK_BYTES = 256 * 1024 ** 2;
const PROBE_DEADLINE_MS = 5_000;

/** Looks at everything that Stemma needs on this machine. Changes nothing; never throws. */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const running = readRunning(options.home);
  const docker =
    (await hasDockerEngine(options.environment)) && (await hasDockerCompose(options.environment));
  const found: (Check | Check[])[] = await Promise.all([
    nodeCheck(options),
    settingsChecks(options),
    npmCheck(options),
    dockerCheck(docker),
    javaCheck(options, docker),
    mavenCheck(options, docker),
    redisServerCheck(options, docker),
    neo4jJarsCheck(options, docker),
    diskCheck(options),
    portCheck(options, running),
    serviceChecks(options, running),
    redisChecks(options, running),
    neo4jCheck(options, running),
  ]);
  const checks = found.flat();
  return { version: 1, ok: checks.every((check) => check.status !== 'fail'), checks };
}

/** The report for people. */
export function formatDoctor(report: DoctorReport): string {
  const width = Math.max(...report.checks.map((check) => check.name.length));
  const lines = report.checks.flatMap((check) => [
    `${check.status.padEnd(4)}  ${check.name.padEnd(width)}  ${check.found}`,
    ...(check.remedy === null ? [] : [`${' '.repeat(width + 8)}-> ${check.remedy}`]),
  ]);
  const count = (status: CheckStatus): number =>
    report.checks.filter((check) => check.status === status).length;
  lines.push('', `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} to mend`);
  return `${lines.join('\n')}\n`;
}

async function nodeCheck({ nodeVersion }: DoctorOptions): Promise<Check> {
  return isAtLeast(nodeVersion, OLDEST_NODE)
    ? ok('Node.js', nodeVersion)
    : fail(
        'Node.js',
        nodeVersion,
        `start through npm scripts, which bring a newer Node, or install ${OLDEST_NODE} or newer`,
      );
}

async function settingsChecks({ environment }: DoctorOptions): Promise<Check[]> {
  const shown = settingsShown(environment);
  return [
    ok('settings', shown.length === 0 ? 'all as by default' : shown.join(', ')),
    ...unknownSettings(environment).map(({ name, meant }) =>
      warn(
        'settings',
        `${name} is not a setting`,
        `the nearest is ${meant}; remove what is not read`,
      ),
    ),
  ];
}

async function npmCheck({ environment }: DoctorOptions): Promise<Check> {
  const version = await output('npm', ['--version'], environment);
  return version === null
    ? warn('npm', 'not found', 'install Node.js with npm; only `npm` scripts and set-up need it')
    : ok('npm', version.trim());
}

async function dockerCheck(docker: boolean): Promise<Check> {
  return ok(
    'Docker engine',
    docker ? 'answers, with compose' : 'none; local servers are used instead',
  );
}

async function javaCheck(options: DoctorOptions, docker: boolean): Promise<Check> {
  const remedy = `install a JDK ${OLDEST_JAVA} or newer, start Docker, or set NEO4J_URI`;
  const java = findJava(options.environment);
  if (java === null)
    return needed('JDK', 'not found', remedy, !serverGiven(options, docker, 'NEO4J_URI'));
  const text = await output(java, ['-version'], options.environment);
  const version = /version "(?:1\.)?(\d+)[^"]*"/.exec(text ?? '');
  if (version === null || Number(version[1]) < OLDEST_JAVA) {
    const seen = version === null ? `${java} does not run` : `${version[1] ?? ''} at ${java}`;
    return needed('JDK', seen, remedy, !serverGiven(options, docker, 'NEO4J_URI'));
  }
  return ok('JDK', `${version[1] ?? ''} at ${java}`);
}

async function mavenCheck(options: DoctorOptions, docker: boolean): Promise<Check> {
  const maven = findOnPath('mvn', options.environment);
  if (maven !== null) return ok('Maven', maven);
  const fetched =
    (await jarCount(options)) > 0 &&
    (await findRedisServer(serversDir(options), options.environment)) !== null;
  if (docker || fetched) return ok('Maven', 'not found, and not needed any more');
  return warn(
    'Maven',
    'not found',
    'install Maven (`mvn`): the set-up fetches the local servers with it',
  );
}

async function redisServerCheck(options: DoctorOptions, docker: boolean): Promise<Check> {
  const found = await findRedisServer(serversDir(options), options.environment);
  if (found !== null) return ok('redis-server', `${found.version} at ${found.file}`);
  return needed(
    'redis-server',
    'none of 6.2 or newer',
    'run `npm run setup`, install Redis, or set REDIS_URL',
    !serverGiven(options, docker, 'REDIS_URL'),
  );
}

async function neo4jJarsCheck(options: DoctorOptions, docker: boolean): Promise<Check> {
  const count = await jarCount(options);
  const directory = join(serversDir(options), 'neo4j', 'lib');
  if (count > 0) return ok('Neo4j jars', `${count} in ${directory}`);
  return needed(
    'Neo4j jars',
    `none in ${directory}`,
    'run `npm run setup`, or set NEO4J_URI',
    !serverGiven(options, docker, 'NEO4J_URI'),
  );
}

async function diskCheck({ home }: DoctorOptions): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(existingAncestor(home));
    const free = bavail * bsize;
    const found = `${(free / 1024 ** 3).toFixed(1)} GB free for ${home}`;
    if (free < NO_DISK_BYTES)
      return fail('disk', found, 'free some space: the databases stop when it is full');
    if (free < LITTLE_DISK_BYTES) return warn('disk', found, 'free some space soon');
    return ok('disk', found);
  } catch (error) {
    return warn('disk', `unknown: ${messageOf(error)}`, `look at ${home}`);
  }
}

async function portCheck(options: DoctorOptions, running: RunningService | null): Promise<Check> {
  const port = options.port ?? 4000;
  const name = `port ${port}`;
  if (await isPortFree(port)) return ok(name, 'free');
  const ours = running?.apiUrl !== undefined && new URL(running.apiUrl).port === String(port);
  if (ours) return ok(name, `in use by Stemma (process ${running.pid})`);
  return fail(
    name,
    'in use by another process',
    'stop that process, or set STEMMA_PORT to another port',
  );
}

async function serviceChecks(
  options: DoctorOptions,
  running: RunningService | null,
): Promise<Check[]> {
  if (running === null) return [ok('service', 'not running')];
  if (running.apiUrl === undefined) {
    return [warn('service', `process ${running.pid} is starting`, 'ask again in some seconds')];
  }
  const base = running.apiUrl;
  const probes = ['/livez', '/readyz', '/healthz'].map(async (path): Promise<Check> => {
    const name = `service ${path}`;
    try {
      const request = options.fetch ?? fetch;
      const { status } = await request(new URL(path, base).href, {
        signal: AbortSignal.timeout(PROBE_DEADLINE_MS),
      });
      if (status === 200) return ok(name, `200 at ${base}`);
      return fail(
        name,
        `${status} at ${base}`,
        'read the log of the service; the answer names what is missing',
      );
    } catch (error) {
      return fail(
        name,
        `no answer at ${base}: ${messageOf(error)}`,
        `restart the service (process ${running.pid})`,
      );
    }
  });
  return Promise.all(probes);
}

async function redisChecks(
  options: DoctorOptions,
  running: RunningService | null,
): Promise<Check[]> {
  const url = present(options.environment['REDIS_URL']) ?? running?.redisUrl;
  if (url === undefined) return [];
  try {
    const facts = await withDeadline(options.probeRedis(url));
    return [
      isAtLeast(facts.version, '6.2.0')
        ? ok('Redis', `${facts.version} answers`)
        : fail('Redis', facts.version, 'use Redis 6.2 or newer: XAUTOCLAIM is needed'),
      facts.appendOnly
        ? ok('Redis append-only file', 'on')
        : warn(
            'Redis append-only file',
            'off',
            'set `appendonly yes`, or accepted events are lost with the process',
          ),
      facts.maxmemoryPolicy === 'noeviction'
        ? ok('Redis maxmemory-policy', 'noeviction')
        : fail(
            'Redis maxmemory-policy',
            facts.maxmemoryPolicy,
            'set `maxmemory-policy noeviction`, or events are lost when memory is short',
          ),
    ];
  } catch (error) {
    return [fail('Redis', `no answer: ${messageOf(error)}`, 'start Redis, or correct REDIS_URL')];
  }
}

function rulesCheck(rules: number | null): Check[] {
  if (rules === null) return [];
  if (rules === RULES_VERSION) return [ok('Rules', `the graph is written under rules ${rules}`)];
  return [
    warn(
      'Rules',
      `the graph was written under rules ${rules}, this program has rules ${RULES_VERSION}`,
      rules < RULES_VERSION
        ? 'run `stemma rebuild`: it computes the graph again from its log while the old one serves'
        : 'update the program: it is older than the graph',
    ),
  ];
}

async function neo4jCheck(
  options: DoctorOptions,
  running: RunningService | null,
): Promise<Check[]> {
  const { environment } = options;
  const given = present(environment['NEO4J_URI']);
  const uri = given ?? running?.neo4jUri;
  if (uri === undefined) return [];
  const [user, password] =
    given === undefined
      ? [running?.neo4jUser, running?.neo4jPassword]
      : [environment['NEO4J_USER'], environment['NEO4J_PASSWORD']];
  try {
    const facts = await withDeadline(
      options.probeNeo4j({ uri, user: user ?? 'neo4j', password: password ?? '' }),
    );
    return [ok('Neo4j', `${facts.version} answers`), ...rulesCheck(facts.rules)];
  } catch (error) {
    return [
      fail(
        'Neo4j',
        `no answer: ${messageOf(error)}`,
        'start Neo4j, or correct NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD',
      ),
    ];
  }
}

/** Whether that server comes from elsewhere, so that what runs it locally is not needed. */
function serverGiven(options: DoctorOptions, docker: boolean, variable: string): boolean {
  return docker || present(options.environment[variable]) !== undefined;
}

async function jarCount(options: DoctorOptions): Promise<number> {
  try {
    const names = readdirSync(join(serversDir(options), 'neo4j', 'lib'));
    return names.filter((name) => name.endsWith('.jar')).length;
  } catch {
    return 0;
  }
}

function serversDir(options: DoctorOptions): string {
  return options.serversDir ?? SERVERS_DIR;
}

function existingAncestor(directory: string): string {
  const parent = dirname(directory);
  return existsSync(directory) || parent === directory ? directory : existingAncestor(parent);
}

async function output(
  command: string,
  args: readonly string[],
  environment: DoctorOptions['environment'],
): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { env: { ...environment }, timeout: 10_000 };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve(error === null ? stdout + stderr : null);
    });
  });
}

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not within ${PROBE_DEADLINE_MS / 1000} s`));
    }, PROBE_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isAtLeast(version: string, oldest: string): boolean {
  const wanted = oldest.split('.').map(Number);
  const difference = version
    .split('.')
    .map((part, i) => Number.parseInt(part, 10) - (wanted[i] ?? 0))
    .find((value) => value !== 0);
  return (difference ?? 0) >= 0;
}

function present(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function ok(name: string, found: string): Check {
  return { name, status: 'ok', found, remedy: null };
}

function warn(name: string, found: string, remedy: string): Check {
  return { name, status: 'warn', found, remedy };
}

function fail(name: string, found: string, remedy: string): Check {
  return { name, status: 'fail', found, remedy };
}

function needed(name: string, found: string, remedy: string, isNeeded: boolean): Check {
  return isNeeded ? fail(name, found, remedy) : ok(name, `${found}, and not needed`);
}
