import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import { findServers } from '../../../src/servers/find-servers.ts';
import type { ServerEnvironment, ServerTools } from '../../../src/servers/find-servers.ts';
import { readRunning } from '../../../src/servers/running.ts';

let home: string;
let calls: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'stemma-home-'));
  calls = [];
  mkdirSync(join(home, 'programs', 'neo4j', 'lib'), { recursive: true });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

test('servers that the environment names are used as they are, and nothing is started', async () => {
  const servers = await find({
    NEO4J_URI: 'neo4j://db:7687',
    NEO4J_USER: 'u',
    NEO4J_PASSWORD: 'p',
    REDIS_URL: 'redis://bus',
  });

  expect(servers).toMatchObject({
    neo4j: { uri: 'neo4j://db:7687', user: 'u', password: 'p' },
    redis: { url: 'redis://bus' },
    origin: { neo4j: 'environment', redis: 'environment' },
  });
  await servers.stop();
  expect(calls).toEqual([]);
});

test('containers come next, where a Docker engine answers, and are stopped at the end', async () => {
  const servers = await find({ STEMMA_REDIS_PORT: '6390' }, { engine: true });

  expect(servers).toMatchObject({
    neo4j: { uri: 'bolt://127.0.0.1:7687', user: 'neo4j', password: 'stemma-local' },
    redis: { url: 'redis://127.0.0.1:6390' },
    origin: { neo4j: 'container', redis: 'container' },
  });
  await servers.stop();
  expect(calls.toSorted()).toEqual(['down neo4j', 'down redis', 'up neo4j', 'up redis']);
});

test('containers that ran before are left running', async () => {
  const servers = await find({}, { engine: true, running: ['neo4j', 'redis'] });

  await servers.stop();

  expect(calls.filter((call) => call.startsWith('down'))).toEqual([]);
});

test('local processes come last, with their data in the home', async () => {
  const servers = await find({});

  expect(servers.origin).toEqual({ neo4j: 'local', redis: 'local' });
  await servers.stop();
  await servers.stop();
  expect(calls.toSorted()).toEqual([
    `start ${join(home, 'data', 'neo4j')}`,
    `start ${join(home, 'data', 'redis')}`,
    'stop neo4j',
    'stop redis',
  ]);
});

test('STEMMA_SERVERS=local does without a Docker engine that answers', async () => {
  const servers = await find({ STEMMA_SERVERS: 'local' }, { engine: true });

  expect(servers.origin).toEqual({ neo4j: 'local', redis: 'local' });
  await servers.stop();
});

test('each server is found on its own', async () => {
  const servers = await find({ REDIS_URL: 'redis://bus' });

  expect(servers.origin).toEqual({ neo4j: 'local', redis: 'environment' });
  await servers.stop();
});

test('a variable that is set to nothing counts as absent', async () => {
  const servers = await find({ NEO4J_URI: '', REDIS_URL: '' });

  expect(servers.origin).toEqual({ neo4j: 'local', redis: 'local' });
  await servers.stop();
});

test('the local password stays the same over starts', async () => {
  const first = await find({});
  await first.stop();
  const second = await find({});

  expect(second.neo4j.password).toBe(first.neo4j.password);
  expect(second.neo4j.password.length).toBeGreaterThan(20);
  await second.stop();
});

test('when one server fails, the other is stopped and the home is free again', async () => {
  await expect(find({}, { neo4jFails: true })).rejects.toThrow('no neo4j today');

  expect(calls).toContain('stop redis');
  expect(readRunning(home)).toBeNull();
});

test('a missing redis-server is named with its remedy', async () => {
  await expect(find({}, { noRedis: true })).rejects.toThrow(
    'There is no redis-server 6.2 or newer; run `npm run setup`, install Redis, or set REDIS_URL.',
  );
});

test('servers that no set-up has fetched are fetched before they are started, and others are not', async () => {
  const complete = await find({});
  await complete.stop();
  expect(calls).not.toContain('fetch');

  rmSync(join(home, 'programs'), { recursive: true });
  const bare = await find({});
  await bare.stop();
  expect(calls.filter((call) => call === 'fetch')).toHaveLength(1);
  const named = await find({ NEO4J_URI: 'bolt://db' });
  await named.stop();
  const contained = await find({}, { engine: true });
  await contained.stop();
  expect(calls.filter((call) => call === 'fetch')).toHaveLength(1);
});

test('the addresses are noted for commands, until the end', async () => {
  const servers = await find({});
  servers.announceApi('http://127.0.0.1:4000');

  expect(readRunning(home)).toMatchObject({
    neo4jUri: 'bolt://local',
    redisUrl: 'redis://local',
    apiUrl: 'http://127.0.0.1:4000',
  });
  await expect(find({})).rejects.toThrow(
    /^Stemma is already running at http:\/\/127\.0\.0\.1:4000/,
  );
  await servers.stop();
  expect(readRunning(home)).toBeNull();
});

type World = {
  readonly engine?: boolean;
  readonly running?: readonly string[];
  readonly neo4jFails?: boolean;
  readonly noRedis?: boolean;
};

async function find(environment: ServerEnvironment, world: World = {}) {
  return findServers({
    ...{ environment, home, purpose: 'serve' as const, tools: fakeTools(world) },
    serversDir: join(home, 'programs'),
    log: { info: () => undefined, error: () => undefined },
  });
}

function fakeTools(world: World): ServerTools {
  const server = (name: string) => ({
    ...{ port: 1, pid: 1, version: '7.0.0', ended: new Promise<never>(() => undefined) },
    kill: () => undefined,
    stop: async () => {
      calls.push(`stop ${name}`);
    },
  });
  return {
    docker: {
      hasDockerEngine: async () => world.engine ?? false,
      hasDockerCompose: async () => true,
      runningServices: async () => [...(world.running ?? [])],
      startServices: async (_root, _environment, services) => {
        calls.push(`up ${services.join(' ')}`);
      },
      stopServices: async (_root, _environment, services) => {
        calls.push(`down ${services.join(' ')}`);
      },
    },
    fetchServers: async () => {
      calls.push('fetch');
    },
    findRedisServer: async () =>
      world.noRedis === true ? null : { file: '/bin/redis-server', version: '7.0.0' },
    startLocalRedis: async ({ dataDir }) => {
      calls.push(`start ${dataDir}`);
      return { ...server('redis'), url: 'redis://local' };
    },
    startLocalNeo4j: async ({ dataDir }) => {
      if (world.neo4jFails === true) throw new StemmaError('SERVER_UNAVAILABLE', 'no neo4j today');
      calls.push(`start ${dataDir}`);
      return { ...server('neo4j'), uri: 'bolt://local' };
    },
  };
}
