import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../src/environment.ts';
import type { Check } from '../../../src/http/state.ts';
import { startService, type Service } from '../../../src/service.ts';
import type { Log } from '../../../src/telemetry.ts';
import { event } from '../../support/events.ts';
import { startOwnGraph, type OwnGraph } from '../../support/pipeline-graph.ts';
import { startRedis, type TestRedis } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** Servers that are stopped for a while (SIGSTOP): every connection stays open, and nothing answers. */

/** STEMMA_TEST_PAUSE_MS=75000 is longer than the database gives a transaction. */
const PAUSE_MS = Number(process.env['STEMMA_TEST_PAUSE_MS'] ?? 20_000);
const LIMIT_MS = 120_000 + PAUSE_MS;

let redis: TestRedis;
let own: OwnGraph;
let service: Service;
/** Warnings and errors, by message. */
const warnings: string[] = [];
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_fields: unknown, message?: unknown) => warnings.push(String(message)),
  error: (_fields: unknown, message?: unknown) => warnings.push(String(message)),
};

beforeAll(async () => {
  [redis, own] = await Promise.all([startRedis(), startOwnGraph()]);
  const { uri, user, password } = own.server;
  service = await startService({
    settings: readSettings({ STEMMA_PORT: '0' }),
    servers: { neo4j: { uri, user, password }, redis: { url: redis.url } },
    log,
  });
  await until(async () => (await readyz()).status === 200, 120_000);
  await send(['before'], 'applied');
}, 300_000);
afterEach(async () => {
  await redis.kill('SIGCONT');
  await own.server.kill('SIGCONT');
});
afterAll(async () => {
  await service.stop();
  await Promise.all([redis.stop(), own.stop()]);
});

type Answer = { readonly status: number; readonly text: string; readonly ms: number };

async function ask(path: string, body?: unknown): Promise<Answer> {
  const start = performance.now();
  const response = await fetch(`${service.address}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      'content-type':
        path === '/graphql' ? 'application/json' : 'application/cloudevents-batch+json',
    },
  });
  const text = await response.text();
  return { status: response.status, text, ms: performance.now() - start };
}

const source = 'https://ci.example/pauses';
const send = (ids: readonly string[], wait: 'accepted' | 'applied' = 'accepted') =>
  ask(
    `/events?wait=${wait}&waitMs=30000`,
    ids.map((id) => event('build.started', { build: `${source}/${id}` }, { id, source })),
  );

async function readyz(): Promise<Answer & { readonly failing: readonly string[] }> {
  const answer = await ask('/readyz');
  const { checks } = JSON.parse(answer.text) as { readonly checks: readonly Check[] };
  return { ...answer, failing: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
}

async function deadLetters(): Promise<string> {
  const { text } = await ask('/graphql', { query: '{ deadLetters { nodes { id } } }' });
  return text;
}

describe('Redis that is paused', () => {
  test(
    'is not ready, refuses events at once, says so in a few lines, and goes on at once when it is back',
    async () => {
      warnings.length = 0;
      await redis.kill('SIGSTOP');
      const paused = performance.now();
      const state = await readyz();
      expect(state).toMatchObject({ status: 503, failing: expect.arrayContaining(['redis']) });
      expect(state.ms).toBeLessThan(8_000);

      const first = await send(['refused']);
      expect(first).toMatchObject({
        status: 503,
        text: expect.stringContaining('DEPENDENCY_UNAVAILABLE'),
      });
      // further ones do not queue up behind it
      const more = await Promise.all(
        Array.from({ length: 50 }, (_, at) => send([`refused-${at}`])),
      );
      for (const answer of more) expect(answer.text).toContain('DEPENDENCY_UNAVAILABLE');
      expect(Math.max(...more.map(({ ms }) => ms))).toBeLessThan(5_000);

      await delay(Math.max(0, PAUSE_MS - (performance.now() - paused)));
      await redis.kill('SIGCONT');
      await until(async () => (await send(['after'], 'applied')).status === 200, 10_000);
      await until(async () => (await readyz()).status === 200, 10_000);
      // each reader says so once: two of the graph writer, one of the metrics, one of the watches
      expect(warnings.filter((line) => line === 'bus read failed').length).toBeLessThanOrEqual(4);
      expect(warnings.length).toBeLessThan(10);
      expect(await deadLetters()).toContain('"nodes":[]');
    },
    LIMIT_MS,
  );
});

describe('Neo4j that is paused', () => {
  test(
    'is not ready, queues no more questions than it has connections, takes events, and makes no dead letter of them',
    async () => {
      await own.server.kill('SIGSTOP');
      const paused = performance.now();
      const state = await readyz();
      expect(state).toMatchObject({ status: 503, failing: ['neo4j'] });
      expect(state.ms).toBeLessThan(8_000);

      const ids = Array.from({ length: 20 }, (_, at) => `meanwhile-${at}`);
      expect(await send(ids)).toMatchObject({ status: 202 });
      const query = { query: '{ events(first: 1) { nodes { eventId } } }' };
      const queued = Array.from({ length: 200 }, () => ask('/graphql', query));
      await delay(Math.max(0, PAUSE_MS / 2 - (performance.now() - paused)));
      // nothing has been answered for a while, and every connection waits: another question is refused without waiting
      const late = await ask('/graphql', query);
      expect(late.text).toContain('DEPENDENCY_UNAVAILABLE');
      expect(late.ms).toBeLessThan(5_000);

      await delay(Math.max(0, PAUSE_MS - (performance.now() - paused)));
      await own.server.kill('SIGCONT');
      for (const { text } of await Promise.all(queued))
        expect(text).toMatch(/"eventId"|DEPENDENCY_UNAVAILABLE/);
      await until(async () => (await readyz()).status === 200, 10_000);
      expect(await send([...ids, 'after'], 'applied')).toMatchObject({ status: 200 });
      expect(await deadLetters()).toContain('"nodes":[]');
    },
    LIMIT_MS,
  );
});
