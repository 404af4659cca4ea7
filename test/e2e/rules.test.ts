import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { createGraph } from '../../src/graph/driver.ts';
import { parseStatement } from '../../src/graph/statement.ts';
import { RULES_VERSION } from '../../src/model/rules.ts';
import { graphDirs } from '../../src/servers/graph-dirs.ts';
import { readRunning } from '../../src/servers/running.ts';
import { runNode } from '../support/field.ts';
import { TEST_ENVIRONMENT } from '../support/server-paths.ts';
import { until } from '../support/until.ts';

const BIN = fileURLToPath(new URL('../../bin/stemma.mjs', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'stemma-home-'));
const env = {
  ...{ STEMMA_HOME: home, STEMMA_SERVERS: 'local', STEMMA_NEO4J_HEAP: '512m' },
  JAVA_TOOL_OPTIONS: TEST_ENVIRONMENT.JAVA_TOOL_OPTIONS,
};
let service: ChildProcess | null = null;

afterAll(async () => {
  if (service !== null) await stop(service);
  rmSync(home, { recursive: true, force: true });
});

async function start(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', '--json'], {
    env: { ...process.env, NODE_OPTIONS: '', STEMMA_LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  service = child;
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await until(() => text.includes('\n'), 120_000);
  return { child, url: (JSON.parse(text) as { address: string }).address };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  service = null;
}

const commit = (text: string): string => text.repeat(40).slice(0, 40);

async function built(url: string, id: string): Promise<void> {
  const response = await fetch(`${url}/events?wait=applied&waitMs=30000`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      ...{ specversion: '1.0', id, source: 'https://ci.example/rules', type: 'build.completed' },
      time: '2026-05-01T10:00:00Z',
      data: { build: `https://ci.example/rules/${id}`, outcome: 'success', commit: commit(id) },
    }),
  });
  expect(response.status).toBe(200);
}

async function buildsOf(url: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ builds { nodes { key } } }"}',
  });
  const { data } = (await response.json()) as {
    data: { builds: { nodes: { key: string }[] } };
  };
  return data.builds.nodes.map(({ key }) => key.split('/').at(-1));
}

/** Once the writer has prepared its statements. */
async function rulesAt(url: string): Promise<{ status: number; detail: string }> {
  await until(async () => (await fetch(`${url}/readyz`)).status === 200, 60_000);
  const response = await fetch(`${url}/readyz`);
  const { checks } = (await response.json()) as { checks: { name: string; detail: string }[] };
  return {
    status: response.status,
    detail: checks.find(({ name }) => name === 'rules')?.detail ?? '',
  };
}

test('a home of old rules says so, serves while it is rebuilt, and loses nothing that comes meanwhile', async () => {
  let { child, url } = await start();
  await built(url, 'a');
  expect(await rulesAt(url)).toMatchObject({ status: 200, detail: expect.stringMatching(/those/) });
  const { neo4jUri, neo4jPassword } = readRunning(home)!;
  const graph = createGraph({ uri: neo4jUri!, user: 'neo4j', password: neo4jPassword! });
  const age = `// params: -\n// returns: -\nMATCH (r:Rules) SET r.version = ${RULES_VERSION - 1}`;
  await graph.execute(parseStatement('test', age), {});
  await graph.close();
  await stop(child);

  ({ child, url } = await start());
  expect(await rulesAt(url)).toMatchObject({
    status: 200,
    detail: expect.stringContaining('run stemma rebuild'),
  });
  const rebuild = async () => {
    const { exitCode, stdout, stderr } = await runNode([BIN, 'rebuild', '--json'], env);
    // on a slow machine it tells how far it is
    const progress = expect.stringMatching(/^(\d+ of \d+ events, .*\n)*$/);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: progress });
    return JSON.parse(stdout) as unknown;
  };
  expect(await rebuild()).toMatchObject({ events: 1, switched: false });
  await built(url, 'b');
  expect(await buildsOf(url)).toEqual(['a', 'b']);
  await stop(child);

  expect(await rebuild()).toMatchObject({ events: 1, resumedAfter: 1, switched: true });
  expect(existsSync(graphDirs(home).next)).toBe(false);
  expect(existsSync(graphDirs(home).before)).toBe(true);

  ({ child, url } = await start());
  expect(await rulesAt(url)).toMatchObject({ status: 200, detail: expect.stringMatching(/those/) });
  expect(await buildsOf(url)).toEqual(['a', 'b']);
  await built(url, 'c');
  expect(await buildsOf(url)).toEqual(['a', 'b', 'c']);
}, 300_000);
