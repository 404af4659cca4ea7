import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGraph } from '../../src/graph/driver.ts';
import { loadStatements } from '../../src/graph/statement.ts';
import { startNeo4j, startRedis, type TestNeo4j, type TestRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

const STEMMA = fileURLToPath(new URL('../../bin/stemma.mjs', import.meta.url));

let redis: TestRedis;
let neo4j: TestNeo4j;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  [redis, neo4j] = await Promise.all([startRedis(), startNeo4j()]);
}, 120_000);
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await Promise.all([redis.stop(), neo4j.stop()]);
});

/** A role as an operator starts it. */
async function serve(...args: string[]) {
  const child = spawn(process.execPath, [STEMMA, 'serve', '--json', ...args], {
    env: {
      ...process.env,
      ...{ NEO4J_URI: neo4j.uri, NEO4J_USER: neo4j.user, NEO4J_PASSWORD: neo4j.password },
      ...{ REDIS_URL: redis.url, STEMMA_LOG_LEVEL: 'error', STEMMA_HEARTBEAT_MS: '500' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const ended = once(child, 'exit').then(() => running.delete(child));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { address } = JSON.parse(line.toString()) as { address: string };
  return {
    address,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('an api and two writers, each a process of its own: one of each is killed and started again while events flow', async () => {
  let api = await serve('--roles', 'api', '--port', '0');
  const builds = await serve('--roles', 'graph', '--domains', 'build');
  await serve('--roles', 'graph');

  const send = async (at: number): Promise<boolean> => {
    const response = await fetch(`${api.address}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({
        ...{ specversion: '1.0', id: `r${at}`, source: 'https://ci.example/roles' },
        ...{ type: 'build.started', data: { build: `https://ci.example/roles/${at}` } },
      }),
    }).catch(() => null);
    return response?.ok === true;
  };
  let sent = 0;
  const producing = new AbortController();
  const flow = (async () => {
    while (!producing.signal.aborted) {
      if (await send(sent)) sent += 1;
      else await delay(20); // nobody answers: the producer sends it again
    }
  })();

  await until(() => sent >= 100, 60_000);
  await builds.kill();
  await serve('--roles', 'graph', '--domains', 'build');
  await api.kill();
  api = await serve('--roles', 'api', '--port', '0');
  const before = sent;
  await until(() => sent >= before + 100, 60_000);
  producing.abort();
  await flow;

  const graph = createGraph(neo4j);
  const statement = { ...loadStatements().get('digest/events') };
  try {
    const stored = async () => {
      const rows = await graph.read(statement, {});
      return rows.map((row) => (row.get('properties') as { eventId: string }).eventId);
    };
    await until(async () => (await stored()).length >= sent, 60_000);
    expect((await stored()).sort()).toEqual(
      Array.from({ length: sent }, (_, at) => `r${at}`).sort(),
    );
  } finally {
    await graph.close();
  }
}, 180_000);
