import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasDockerEngine } from '../../src/servers/docker.ts';
import { startLocalNeo4j } from '../../src/servers/local-neo4j.ts';
import { startLocalRedis } from '../../src/servers/local-redis.ts';
import { createPool } from './neo4j-pool.ts';
import { NEO4J_LIB, redisBinary } from './server-paths.ts';
import { proveOurs } from './servers.ts';

declare global {
  /** Jest runs the teardown in the same process, but in another module graph. */
  var stemmaTestServers: { stop(): Promise<void> }[] | undefined;
}

type Found = { readonly variables: Readonly<Record<string, string>>; stop(): Promise<void> };

/**
 * One Redis and one Neo4j for the integration project: the ones given explicitly by TEST_REDIS_URL and TEST_NEO4J_URI
 * (never REDIS_URL or NEO4J_URI, which may be production), else containers, else local processes.
 */
export default async function startServers(): Promise<void> {
  const servers: Found[] = [];
  globalThis.stemmaTestServers = servers;
  const docker = process.env['STEMMA_SERVERS'] !== 'local' && (await hasDockerEngine(process.env));
  const keep = (found: Found): void => {
    servers.push(found);
    Object.assign(process.env, found.variables);
  };
  keep(createPool());
  const results = await Promise.allSettled([
    (givenRedis() ?? (docker ? containerRedis() : localRedis())).then(keep),
    (givenNeo4j() ?? (docker ? containerNeo4j() : localNeo4j())).then(keep),
  ]);
  try {
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await proveOurs({
      redisUrl: process.env['STEMMA_TEST_REDIS_URL']!,
      neo4j: {
        uri: process.env['STEMMA_TEST_NEO4J_URI']!,
        user: process.env['STEMMA_TEST_NEO4J_USER']!,
        password: process.env['STEMMA_TEST_NEO4J_PASSWORD']!,
      },
    });
  } catch (error) {
    // jest does not call the teardown when the set-up fails
    await Promise.allSettled(servers.map(async (server) => server.stop()));
    throw error;
  }
}

function givenRedis(): Promise<Found> | null {
  const url = process.env['TEST_REDIS_URL'];
  return url === undefined ? null : Promise.resolve(redisAt(url, async () => undefined));
}

function givenNeo4j(): Promise<Found> | null {
  const uri = process.env['TEST_NEO4J_URI'];
  if (uri === undefined) return null;
  const password = process.env['TEST_NEO4J_PASSWORD'] ?? '';
  return Promise.resolve(neo4jAt(uri, password, async () => undefined));
}

async function localRedis(): Promise<Found> {
  const dataDir = temporaryDirectory('redis');
  const server = await startLocalRedis({
    binary: await redisBinary(),
    dataDir,
    environment: process.env,
  }).catch(removing(dataDir));
  return redisAt(server.url, async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
}

async function localNeo4j(): Promise<Found> {
  const dataDir = temporaryDirectory('neo4j');
  const password = randomUUID();
  const server = await startLocalNeo4j({
    ...{ libDir: NEO4J_LIB, dataDir, password, environment: process.env },
    heap: process.env['STEMMA_NEO4J_HEAP'] ?? '1g',
    settings: {
      'server.memory.pagecache.size': '256m',
      // a graph that everything fills at once would have each plan made anew again and again
      'dbms.cypher.min_replan_interval': '10m',
    },
  }).catch(removing(dataDir));
  return neo4jAt(server.uri, password, async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
}

async function containerRedis(): Promise<Found> {
  const { GenericContainer, Wait } = await import('testcontainers'); // slow to load, and seldom needed
  const container = await new GenericContainer('redis:7.4.6')
    .withCommand(['redis-server', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .start();
  const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
  return redisAt(url, async () => {
    await container.stop();
  });
}

async function containerNeo4j(): Promise<Found> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const password = randomUUID();
  const container = await new GenericContainer('neo4j:5.26.30-community')
    .withEnvironment({ NEO4J_AUTH: `neo4j/${password}` })
    .withExposedPorts(7687)
    .withWaitStrategy(Wait.forLogMessage('Started.'))
    .withStartupTimeout(120_000)
    .start();
  const uri = `bolt://${container.getHost()}:${container.getMappedPort(7687)}`;
  return neo4jAt(uri, password, async () => {
    await container.stop();
  });
}

function redisAt(url: string, stop: () => Promise<void>): Found {
  return { variables: { STEMMA_TEST_REDIS_URL: url }, stop };
}

function neo4jAt(uri: string, password: string, stop: () => Promise<void>): Found {
  return {
    variables: {
      STEMMA_TEST_NEO4J_URI: uri,
      STEMMA_TEST_NEO4J_USER: process.env['TEST_NEO4J_USER'] ?? 'neo4j',
      STEMMA_TEST_NEO4J_PASSWORD: password,
    },
    stop,
  };
}

function temporaryDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `stemma-test-${name}-`));
}

function removing(dataDir: string): (error: unknown) => never {
  return (error) => {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  };
}
