import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import neo4jDriver from 'neo4j-driver';
import { connectRedis, whenConnected } from '../../src/bus/redis.ts';
import { groupOf } from '../../src/bus/group/groups.ts';
import { busKeys } from '../../src/bus/keys.ts';
import { createProducer } from '../../src/bus/log/producer.ts';
import { createGraph } from '../../src/graph/driver.ts';
import { loadStatements } from '../../src/graph/statement.ts';
import { event } from '../support/events.ts';
import { toAccepted } from '../support/pipeline.ts';
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

/** The program, as an operator starts it. */
function start(args: readonly string[], changes: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [STEMMA, 'serve', '--json', ...args], {
    env: {
      ...process.env,
      ...{ NEO4J_URI: neo4j.uri, NEO4J_USER: neo4j.user, NEO4J_PASSWORD: neo4j.password },
      ...{ REDIS_URL: redis.url, STEMMA_LOG_LEVEL: 'silent', STEMMA_HEARTBEAT_MS: '500' },
      ...changes,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return { code: code as number | null, errors };
  });
  return { child, ended };
}

/** A role that runs. */
async function serve(...args: string[]) {
  const { child, ended } = start(args);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { address, healthAddress } = JSON.parse(line.toString()) as Record<string, string>;
  return {
    address: address!,
    healthAddress: healthAddress!,
    ended,
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

test('a process without the API answers to probes', async () => {
  const writer = await serve('--roles', 'graph', '--domains', 'audit');
  // once it has prepared its statements
  await until(async () => (await fetch(`${writer.healthAddress}/readyz`)).status === 200, 60_000);
  const ready = await fetch(`${writer.healthAddress}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    ready: true,
    checks: expect.arrayContaining([{ name: 'graph-writer', ok: true, detail: 'running' }]),
  });
  expect((await fetch(`${writer.healthAddress}/livez`)).status).toBe(200);
  expect((await fetch(`${writer.healthAddress}/graphql`)).status).toBe(404);
  await writer.kill();
}, 60_000);

test('a writer whose stream has vanished ends, and says why', async () => {
  const writer = await serve('--roles', 'graph', '--domains', 'config');
  const client = connectRedis({ url: redis.url, name: 'test', onError: () => undefined });
  await whenConnected(client);
  await client.del(busKeys().stream('config'));
  client.disconnect();
  const { code, errors } = await writer.ended;
  expect([code, errors]).toEqual([6, expect.stringContaining('STREAM_MISSING')]);
}, 60_000);

test('a wrong password for Neo4j ends the process at the start, and a running writer as well; events wait', async () => {
  const wrong = await start(['--roles', 'graph'], { NEO4J_PASSWORD: 'not it' }).ended;
  expect([wrong.code, wrong.errors]).toEqual([5, expect.stringContaining('NEO4J_PASSWORD')]);
  expect(wrong.errors).not.toContain('try again');

  const writer = await serve('--roles', 'graph', '--domains', 'testing');
  const driver = neo4jDriver.driver(neo4j.uri, neo4jDriver.auth.basic(neo4j.user, neo4j.password));
  const run = async (text: string, parameters = {}, database = 'neo4j'): Promise<void> => {
    const session = driver.session({ database });
    await session.run(text, parameters);
    await session.close();
  };
  const client = connectRedis({ url: redis.url, name: 'test', onError: () => undefined });
  try {
    await whenConnected(client);
    const words = { from: neo4j.password, to: 'another password' };
    await run('ALTER CURRENT USER SET PASSWORD FROM $from TO $to', words, 'system');
    // connections that are open stay open, until they break for some other reason
    await run(
      "CALL dbms.listConnections() YIELD connectionId, userAgent WHERE userAgent = 'stemma' WITH collect(connectionId) AS ids CALL dbms.killConnections(ids) YIELD connectionId RETURN connectionId",
    );
    const producer = createProducer({ redis: client, keys: busKeys(), now: Date.now });
    const envelope = event(
      'testing.started',
      { id: 'smoke' },
      { id: 'after', source: 'https://ci.example/roles' },
    );
    await producer.publish([toAccepted(envelope)]);
    const { code, errors } = await writer.ended;
    expect([code, errors]).toEqual([5, expect.stringContaining('NEO4J_PASSWORD')]);
    const stream = busKeys().stream('testing');
    expect((await groupOf(client, stream, 'graph'))?.pending).toBe(1);
  } finally {
    client.disconnect();
    await driver.close();
  }
}, 120_000);
