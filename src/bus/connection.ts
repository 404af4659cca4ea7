import { Redis } from 'ioredis';
import { StemmaError } from '../errors.ts';

export type ConnectionOptions = {
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
  const redis = new Redis(url, {
    connectionName: `stemma-${name}`,
    lazyConnect: false,
    enableOfflineQueue: !failFast,
    maxRetriesPerRequest: failFast ? 1 : null,
    ...(failFast ? { commandTimeout: COMMAND_TIMEOUT_MS } : {}),
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000),
  });
  redis.on('error', (error: Error) => onError?.(error));
  return redis;
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
