import type { GroupOptions } from '../bus/group/group.ts';
import { pause } from '../bus/group/pause.ts';
import { frontierOf } from '../bus/log/lag.ts';
import { StemmaError } from '../errors.ts';
import type { Log } from '../telemetry.ts';
import { GRAPH } from './graph.ts';
import type { RoleParts } from './role.ts';

/** What a role is given that follows the log in the graph, as far as its group on the bus has come. */
export type FollowerOptions = Pick<
  RoleParts,
  'redis' | 'keys' | 'graph' | 'statements' | 'greatestPosition' | 'metrics' | 'now' | 'log'
> &
  Pick<GroupOptions, 'connectReader'> & {
    readonly batchSize?: number;
    readonly heartbeatMs?: number;
  };

const LOOK_MS = 100;
const RETRY_MS = 500;

/** Resolves when everything up to a log number is in the graph, a dead letter, or known to be lost. */
export async function whenInGraph(
  { redis, keys }: Pick<RoleParts, 'redis' | 'keys'>,
  until: number,
  signal: AbortSignal,
): Promise<void> {
  while ((await frontierOf(redis, keys, GRAPH.name)) < until) {
    signal.throwIfAborted();
    await pause(LOOK_MS, signal);
  }
}

/**
 * Tries until it succeeds, however long the database or the bus is away.
 *
 * @param failing what to say in the log
 * @throws StemmaError DEPENDENCY_REFUSED; whatever it was where the signal is aborted
 */
export async function persistently(
  work: () => Promise<void>,
  failing: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    try {
      await work();
      return;
    } catch (error) {
      const isRefused = error instanceof StemmaError && error.code === 'DEPENDENCY_REFUSED';
      if (signal.aborted || isRefused) throw error;
      log[failures === 0 ? 'warn' : 'debug']({ err: error }, failing);
      await pause(RETRY_MS, signal);
    }
  }
}
