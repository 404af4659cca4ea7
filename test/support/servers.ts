import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import neo4j from 'neo4j-driver';
import { startLocalNeo4j } from '../../src/servers/local-neo4j.ts';
import { startLocalRedis } from '../../src/servers/local-redis.ts';
import { NEO4J_LIB, TEST_ENVIRONMENT, redisBinary } from './server-paths.ts';

/** A server that a test owns alone and may kill. */
export interface TestServer {
  /** Of the process that runs now. */
  readonly pid: number;
  readonly dataDir: string;
  /** To the server process; resolves when it is gone, at once for signals that do not end it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it if it still runs, and starts it again with the same data on the same port. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

export interface TestRedis extends TestServer {
  readonly url: string;
}

export interface TestNeo4j extends TestServer {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
}

/** The servers that global-setup.ts started for all integration tests. */
export function sharedServers(): {
  readonly redisUrl: string;
  readonly neo4jUri: string;
  readonly neo4jUser: string;
  readonly neo4jPassword: string;
} {
  return {
    redisUrl: required('STEMMA_TEST_REDIS_URL'),
    neo4jUri: required('STEMMA_TEST_NEO4J_URI'),
    neo4jUser: required('STEMMA_TEST_NEO4J_USER'),
    neo4jPassword: required('STEMMA_TEST_NEO4J_PASSWORD'),
  };
}

export async function startRedis(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestRedis> {
  const binary = await redisBinary();
  const dataDir = mkdtempSync(join(tmpdir(), 'stemma-redis-'));
  const server = await owned(dataDir, async (port) =>
    startLocalRedis({
      ...{ binary, dataDir, settings, environment: process.env },
      ...(port === undefined ? {} : { port }),
    }),
  );
  return Object.assign(server.life, { url: server.first.url });
}

/** Takes 5 to 10 s: share one per test file. */
export async function startNeo4j(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestNeo4j> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stemma-neo4j-'));
  const password = randomUUID();
  const server = await owned(dataDir, async (port) =>
    startLocalNeo4j({
      ...{ libDir: NEO4J_LIB, dataDir, password, environment: TEST_ENVIRONMENT },
      ...{ heap: '768m', settings: { ...SMALL, ...settings } },
      ...(port === undefined ? {} : { port }),
    }),
  );
  return Object.assign(server.life, { uri: server.first.uri, user: 'neo4j', password });
}

/** Enough for tests, and little enough to have several beside each other. */
export const SMALL = { 'server.memory.pagecache.size': '128m' };

/**
 * Writes a nonce and reads it back. Call it before anything destructive: a test must never empty a server that is not
 * the one it means. (That the server on a local port is the process that was started is checked at its start.)
 */
export async function proveOurs(servers: {
  readonly redisUrl?: string;
  readonly neo4j?: { readonly uri: string; readonly user: string; readonly password: string };
}): Promise<void> {
  const nonce = randomUUID();
  if (servers.redisUrl !== undefined) {
    const redis = new Redis(servers.redisUrl, { lazyConnect: true, maxRetriesPerRequest: 1 });
    try {
      await redis.connect();
      await redis.set(`stemma-test:nonce:${nonce}`, nonce, 'EX', 60);
      const answer = await redis.getdel(`stemma-test:nonce:${nonce}`);
      if (answer !== nonce) throw new Error('Redis does not give back what was written');
    } finally {
      redis.disconnect();
    }
  }
  if (servers.neo4j !== undefined) {
    const { uri, user, password } = servers.neo4j;
    const driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
    try {
      await driver.executeQuery('CREATE (:StemmaTestNonce {value: $nonce})', { nonce });
      const { records } = await driver.executeQuery(
        'MATCH (n:StemmaTestNonce {value: $nonce}) WITH n, n.value AS value DETACH DELETE n RETURN value',
        { nonce },
      );
      if (records[0]?.get('value') !== nonce) {
        throw new Error('Neo4j does not give back what was written');
      }
    } finally {
      await driver.close();
    }
  }
}

type Process = {
  readonly pid: number;
  readonly port: number;
  readonly ended: Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
};

async function owned<P extends Process>(
  dataDir: string,
  start: (port: number | undefined) => Promise<P>,
): Promise<{ first: P; life: TestServer }> {
  const first = await start(undefined);
  let now = first;
  const life: TestServer = {
    get pid() {
      return now.pid;
    },
    dataDir,
    kill: async (signal = 'SIGKILL') => {
      now.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await now.ended;
    },
    restart: async () => {
      await now.stop();
      now = await start(first.port);
    },
    stop: async () => {
      await now.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return { first, life };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: run through the integration project`);
  return value;
}
