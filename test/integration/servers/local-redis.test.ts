import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startLocalRedis } from '../../../src/servers/local-redis.ts';
import { isAlive } from '../../../src/servers/process-info.ts';
import { redisBinary } from '../../support/server-paths.ts';
import { proveOurs, startRedis } from '../../support/servers.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

test('Redis keeps what it acknowledged when it is killed and started again', async () => {
  const server = await startRedis();
  cleanUp.push(async () => server.stop());
  await proveOurs({ redisUrl: server.url });
  await withClient(server.url, async (client) => client.xadd('s', '*', 'a', '1'));
  const before = server.pid;

  await server.kill('SIGKILL');
  expect(isAlive(before)).toBe(false);
  await server.restart();

  expect(server.pid).not.toBe(before);
  expect(await withClient(server.url, async (client) => client.xlen('s'))).toBe(1);
});

test('Redis is durable and never evicts', async () => {
  const server = await startRedis();
  cleanUp.push(async () => server.stop());

  const settings = await withClient(server.url, async (client) =>
    Promise.all(
      ['appendonly', 'appendfsync', 'maxmemory-policy', 'bind'].map(async (name) =>
        client.config('GET', name),
      ),
    ),
  );

  expect(settings).toEqual([
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['maxmemory-policy', 'noeviction'],
    ['bind', '127.0.0.1'],
  ]);
});

test('Redis with a password refuses who does not know it', async () => {
  const server = await startLocalRedis({ ...(await options()), password: 'of "quotes" and \\' });
  cleanUp.push(async () => server.stop());

  expect(await withClient(server.url, async (client) => client.ping())).toBe('PONG');
  await expect(
    withClient(`redis://127.0.0.1:${server.port}`, async (client) => client.ping()),
  ).rejects.toThrow(/NOAUTH/);
});

test('Redis on a port in use fails with one sentence and leaves nothing behind', async () => {
  const other = await startRedis();
  cleanUp.push(async () => other.stop());
  const port = Number(new URL(other.url).port);

  await expect(startLocalRedis({ ...(await options()), port })).rejects.toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: `Redis cannot start: port ${port} on 127.0.0.1 is in use by another process; stop that process or choose another port.`,
  });
});

test('Redis that ends at once is reported with its last words', async () => {
  const settings = { 'no-such-setting': '1' };

  await expect(startLocalRedis({ ...(await options()), settings })).rejects.toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: expect.stringMatching(/^Redis ended while it was starting; .*no-such-setting 1/),
  });
});

test('stopping Redis twice is harmless', async () => {
  const server = await startLocalRedis(await options());

  await Promise.all([server.stop(), server.stop()]);

  expect(isAlive(server.pid)).toBe(false);
});

async function options() {
  const dataDir = mkdtempSync(join(tmpdir(), 'stemma-redis-'));
  cleanUp.unshift(async () => {
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { binary: await redisBinary(), dataDir, environment: process.env };
}

async function withClient<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined); // the failed command tells
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
