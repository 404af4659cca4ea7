import { Cluster, Redis as Server, type ChainableCommander, type RedisCommander } from 'ioredis';
import { StemmaError } from '../errors.ts';

/** A connection to a Redis, or to a Redis Cluster: every command, and what it tells of itself. */
export interface Redis extends RedisCommander {
  readonly status: string;
  /** Commands that are sent together. */
  pipeline(): ChainableCommander;
  on(event: 'message', heard: (channel: string, text: string) => void): unknown;
  once(event: 'ready' | 'end', heard: () => void): unknown;
  off(event: 'ready', heard: () => void): unknown;
  /** At once; nothing that is under way is waited for. */
  disconnect(): void;
}

export type ConnectionOptions = {
  /** `redis://` or `rediss://`; several nodes of a Redis Cluster are separated by commas, and the first one says how to sign in. */
  readonly url: string;
  readonly name: string;
  /** Fail commands instead of queueing them while the connection is down, or waiting for an answer; default true. */
  readonly failFast?: boolean;
  readonly onError?: (error: Error) => void;
};

/**
 * A Redis that is stopped, or whose machine hangs, keeps its connections open and answers nothing: after this a command counts as
 * failed. It may have been done.
 */
const COMMAND_TIMEOUT_MS = 5_000;

/** A connection that comes back by itself. Blocking readers need one of their own. */
export function connectRedis({ url, name, failFast = true, onError }: ConnectionOptions): Redis {
  const shared = {
    connectionName: `stemma-${name}`,
    ...(failFast ? { commandTimeout: COMMAND_TIMEOUT_MS } : {}),
  };
  const again = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000);
  const nodes = nodesOf(url);
  const redis =
    nodes === null
      ? new Server(url, {
          ...shared,
          enableOfflineQueue: !failFast,
          maxRetriesPerRequest: failFast ? 1 : null,
          retryStrategy: again,
        })
      : new Cluster(nodes.addresses, {
          redisOptions: { ...shared, ...nodes.access },
          enableOfflineQueue: !failFast,
          clusterRetryStrategy: again,
        });
  redis.on('error', (error: Error) => onError?.(error));
  return redis;
}

/** Whether it is a Redis Cluster whose nodes are followed. */
export function isCluster(redis: Redis): boolean {
  return redis instanceof Cluster;
}

/**
 * The server that holds a key, for what concerns a server: its memory, its disk, its connections.
 *
 * @throws StemmaError DEPENDENCY_UNAVAILABLE where no node of a cluster holds it just now
 */
export async function serverOf(redis: Redis, key: string): Promise<Redis> {
  if (!(redis instanceof Cluster)) return redis;
  const [holder] = redis.slots[await redis.cluster('KEYSLOT', key)] ?? [];
  const node = redis
    .nodes('master')
    .find(({ options }) => `${options.host ?? ''}:${options.port ?? ''}` === holder);
  if (node === undefined) throw busUnavailable(new Error(`no node of the cluster holds ${key}`));
  return node;
}

/** What a server had not kept may be gone after this: a connection to it was lost. */
export function onDisconnect(redis: Redis, heard: () => void): void {
  if (redis instanceof Cluster) redis.on('-node', heard).on('close', heard);
  else if (redis instanceof Server) redis.on('close', heard);
}

/** Resolves when the connection is usable. @throws StemmaError DEPENDENCY_UNAVAILABLE after `timeoutMs` */
export async function whenConnected(redis: Redis, timeoutMs = 10_000): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', done);
      reject(busUnavailable(new Error(`no connection after ${timeoutMs} ms`)));
    }, timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    redis.once('ready', done);
  });
}

export function busUnavailable(cause: unknown): StemmaError {
  return new StemmaError(
    'DEPENDENCY_UNAVAILABLE',
    'The event bus does not answer: try again shortly.',
    { cause },
  );
}

/** The nodes of a cluster that are named; null where it is one server. */
function nodesOf(url: string) {
  const [first = '', ...others] = url.split(',').map((part) => part.trim());
  if (others.length === 0) return null;
  const { protocol, username, password } = new URL(first);
  const addresses = [first, ...others].map((node) => {
    const { hostname, port } = new URL(node.includes('://') ? node : `${protocol}//${node}`);
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 6_379 : Number(port) };
  });
  return {
    addresses,
    access: {
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  };
}
