import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StemmaError } from '../errors.ts';
import type { ChildEnd } from './child.ts';
import * as compose from './docker.ts';
import { fetchServers } from './fetch-servers.ts';
import { finishSwitch, graphDirs } from './graph-dirs.ts';
import { localPassword, startLocalGraph } from './local-graph.ts';
import { startLocalNeo4j } from './local-neo4j.ts';
import { startLocalRedis } from './local-redis.ts';
import { findRedisServer } from './redis-binary.ts';
import { lockHome } from './running.ts';
import { SERVERS_DIR } from './servers-dir.ts';

export type ServerOrigin = 'environment' | 'container' | 'local';
export type ServerEnvironment = Readonly<Record<string, string | undefined>>;
type Neo4jAddress = { readonly uri: string; readonly user: string; readonly password: string };
type RedisAddress = { readonly url: string };

/** The part of a pino logger that is used here. */
export interface ServerLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface FoundServers {
  readonly neo4j: Neo4jAddress;
  readonly redis: RedisAddress;
  readonly origin: { readonly neo4j: ServerOrigin; readonly redis: ServerOrigin };
  /** Notes where the API listens, for the commands that look for it. */
  announceApi(apiUrl: string): void;
  /** Stops what was started here and nothing else, then gives the home free. */
  stop(): Promise<void>;
}

export type FindServersOptions = {
  readonly environment: ServerEnvironment;
  /** $STEMMA_HOME: data and the lock. */
  readonly home: string;
  /** Where scripts/setup.mjs puts the servers; replaced in tests. */
  readonly serversDir?: string;
  readonly log: ServerLog;
  readonly purpose: 'serve' | 'demo';
  readonly signal?: AbortSignal;
  readonly now?: () => Date;
  /** Replaced in tests. */
  readonly tools?: ServerTools;
};

export type ServerTools = {
  readonly docker: typeof compose;
  readonly findRedisServer: typeof findRedisServer;
  readonly startLocalRedis: typeof startLocalRedis;
  readonly startLocalNeo4j: typeof startLocalNeo4j;
  readonly fetchServers: typeof fetchServers;
};

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TOOLS: ServerTools = {
  ...{ docker: compose, findRedisServer, fetchServers },
  ...{ startLocalRedis, startLocalNeo4j },
};

type Started<Address> = {
  readonly address: Address;
  readonly origin: ServerOrigin;
  stop?(): Promise<void>;
};

/**
 * The servers to work with, in this order, each on its own: the ones that the environment names; containers, where a
 * Docker engine answers; local processes with their data in the home. Takes the lock of the home first, so that two
 * services never share it.
 */
export async function findServers(options: FindServersOptions): Promise<FoundServers> {
  const lock = lockHome(options.home, options.now ?? (() => new Date()));
  const started: Started<unknown>[] = [];
  const stopAll = async (): Promise<void> => {
    const results = await Promise.allSettled(started.map(async (server) => server.stop?.()));
    lock.release();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  const keep = <Address>(server: Started<Address>): Started<Address> => {
    started.push(server);
    return server;
  };

  try {
    const containers = await canUseContainers(options);
    if (!containers && (await lacksServers(options))) {
      await tools(options).fetchServers(options.environment);
    }
    // both at once: Neo4j needs seconds, Redis does not; settled, so that neither is left behind when the other fails
    const [neo4j, redis] = await Promise.allSettled([
      findNeo4j(options, containers).then(keep),
      findRedis(options, containers).then(keep),
    ]);
    if (neo4j.status === 'rejected') throw neo4j.reason;
    if (redis.status === 'rejected') throw redis.reason;

    const origin = { neo4j: neo4j.value.origin, redis: redis.value.origin };
    options.log.info({ ...origin, purpose: options.purpose }, 'servers found');
    lock.update({
      neo4jUri: neo4j.value.address.uri,
      neo4jUser: neo4j.value.address.user,
      neo4jPassword: neo4j.value.address.password,
      redisUrl: redis.value.address.url,
      neo4jIsLocal: origin.neo4j === 'local',
    });
    let stopping: Promise<void> | null = null;
    return {
      neo4j: neo4j.value.address,
      redis: redis.value.address,
      origin,
      announceApi: (apiUrl) => {
        lock.update({ apiUrl });
      },
      stop: async () => (stopping ??= stopAll()),
    };
  } catch (error) {
    await stopAll().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

async function findNeo4j(
  options: FindServersOptions,
  containers: boolean,
): Promise<Started<Neo4jAddress>> {
  const { environment, home } = options;
  const uri = set(environment['NEO4J_URI']);
  if (uri !== null) {
    const user = set(environment['NEO4J_USER']) ?? 'neo4j';
    return {
      address: { uri, user, password: environment['NEO4J_PASSWORD'] ?? '' },
      origin: 'environment',
    };
  }
  if (containers) {
    const stop = await startContainer(options, 'neo4j');
    return {
      address: {
        uri: `bolt://127.0.0.1:${set(environment['STEMMA_NEO4J_PORT']) ?? '7687'}`,
        user: 'neo4j',
        // the default of docker-compose.yml
        password: set(environment['NEO4J_PASSWORD']) ?? 'stemma-local',
      },
      origin: 'container',
      stop,
    };
  }
  finishSwitch(home); // a rebuild may have been killed while it put its graph in place
  const { server, address } = await startLocalGraph({
    ...{ home, environment, dataDir: graphDirs(home).current },
    ...{ serversDir: serversDir(options), start: tools(options).startLocalNeo4j },
    ...signalOf(options),
  });
  return local(options, 'Neo4j', address, server);
}

async function findRedis(
  options: FindServersOptions,
  containers: boolean,
): Promise<Started<RedisAddress>> {
  const { environment, home } = options;
  const url = set(environment['REDIS_URL']);
  if (url !== null) return { address: { url }, origin: 'environment' };
  if (containers) {
    const stop = await startContainer(options, 'redis');
    const port = set(environment['STEMMA_REDIS_PORT']) ?? '6379';
    return { address: { url: `redis://127.0.0.1:${port}` }, origin: 'container', stop };
  }
  const binary = await tools(options).findRedisServer(serversDir(options), environment);
  if (binary === null) {
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      'There is no redis-server 6.2 or newer; run `npm run setup`, install Redis, or set REDIS_URL.',
    );
  }
  const server = await tools(options).startLocalRedis({
    binary: binary.file,
    dataDir: join(home, 'data', 'redis'),
    password: localPassword(home),
    environment,
    ...signalOf(options),
  });
  return local(options, 'Redis', { url: server.url }, server);
}

type LocalServer = { readonly ended: Promise<ChildEnd>; stop(): Promise<void> };

function local<Address>(
  options: FindServersOptions,
  name: string,
  address: Address,
  server: LocalServer,
): Started<Address> {
  let expected = false;
  void server.ended.then((end) => {
    if (!expected) options.log.error({ server: name, ...end }, 'local server ended by itself');
  });
  return {
    address,
    origin: 'local',
    stop: async () => {
      expected = true;
      await server.stop();
    },
  };
}

async function startContainer(
  options: FindServersOptions,
  service: 'neo4j' | 'redis',
): Promise<() => Promise<void>> {
  const { docker } = tools(options);
  const before = await docker.runningServices(ROOT, options.environment).catch((): string[] => []);
  await docker.startServices(ROOT, options.environment, [service]);
  return async () => {
    // one that ran before belongs to somebody else
    if (!before.includes(service)) await docker.stopServices(ROOT, options.environment, [service]);
  };
}

async function canUseContainers(options: FindServersOptions): Promise<boolean> {
  const { environment } = options;
  if (environment['STEMMA_SERVERS'] === 'local') return false;
  if (set(environment['NEO4J_URI']) !== null && set(environment['REDIS_URL']) !== null)
    return false;
  const { docker } = tools(options);
  return (await docker.hasDockerEngine(environment)) && docker.hasDockerCompose(environment);
}

/** Whether a server is to run locally that no set-up has fetched yet. */
async function lacksServers(options: FindServersOptions): Promise<boolean> {
  const { environment } = options;
  const isLocal = (variable: string): boolean => set(environment[variable]) === null;
  if (isLocal('NEO4J_URI') && !existsSync(join(serversDir(options), 'neo4j', 'lib'))) return true;
  if (!isLocal('REDIS_URL')) return false;
  return (await tools(options).findRedisServer(serversDir(options), environment)) === null;
}

function tools(options: FindServersOptions): ServerTools {
  return options.tools ?? TOOLS;
}

function serversDir(options: FindServersOptions): string {
  return options.serversDir ?? SERVERS_DIR;
}

function signalOf(options: FindServersOptions): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}

/** Empty means absent, as `NEO4J_URI= npm start` is meant. */
function set(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
