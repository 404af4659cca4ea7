import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startNeo4j, startRedis, type TestNeo4j, type TestRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let redis: TestRedis;
let neo4j: TestNeo4j;
const running = new Set<ChildProcess>();
const home = mkdtempSync(join(tmpdir(), 'stemma-home-'));

beforeAll(async () => {
  [redis, neo4j] = await Promise.all([startRedis(), startNeo4j()]);
}, 120_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await Promise.all([redis.stop(), neo4j.stop()]);
  rmSync(home, { recursive: true, force: true });
});

/** As typed in a shell in the checkout: without what the npm that runs the tests has set. */
function shell(command: string, args: readonly string[], options: { detached?: boolean } = {}) {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_|^STEMMA_/i.test(name));
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const child = spawn(command, args, {
    ...options,
    cwd: ROOT,
    env: {
      ...Object.fromEntries(own),
      ...{ PATH: path.filter((part) => !part.includes('node_modules')).join(delimiter) },
      ...{ STEMMA_HOME: home, STEMMA_PORT: '0', STEMMA_LOG_LEVEL: 'info' },
      ...{ REDIS_URL: redis.url, NEO4J_URI: neo4j.uri, NEO4J_PASSWORD: neo4j.password },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  running.add(child);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, ended, out: () => out, errors: () => errors };
}

/** The process of a service that was started through npm, once it answers. */
async function whenUp(started: ReturnType<typeof shell>): Promise<void> {
  await until(() => started.out().includes('Stemma answers'), 60_000);
}

test('npx runs the file in the checkout, installs nothing, and gives its exit status', async () => {
  const asked = shell('npx', ['stemma', '--version']);
  expect(await asked.ended).toEqual([0, null]);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  expect([asked.out(), asked.errors()]).toEqual([`${version ?? ''}\n`, '']);

  const wrong = shell('npx', ['stemma', 'linage']);
  expect((await wrong.ended)[0]).toBe(2);
}, 30_000);

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm start drains the service, and npm ends after it with its exit code',
  async (signal) => {
    const started = shell('npm', ['start']);
    await whenUp(started);
    started.child.kill(signal);
    expect(await started.ended).toEqual([0, null]);
    expect(started.errors()).toContain('"msg":"stopping"');
  },
  120_000,
);

test.each(['SIGTERM to npx', 'Ctrl-C in a terminal'])(
  '%s drains the service: it never stays behind',
  async (how) => {
    const started = shell('npx', ['stemma', 'serve'], { detached: true });
    await whenUp(started);
    const closed = once(started.child, 'close'); // when the service has let go of its output as well
    if (how === 'SIGTERM to npx') started.child.kill('SIGTERM');
    else process.kill(-started.child.pid!, 'SIGINT'); // to each process of the group
    await closed;
    expect(started.errors()).toContain('"msg":"stopping"');
  },
  120_000,
);
