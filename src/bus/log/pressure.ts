import { within } from '../../deadline.ts';
import { StemmaError } from '../../errors.ts';
import { busUnavailable, serverOf, type Redis } from '../redis.ts';
import { requiredGroups } from '../group/groups.ts';
import type { BusKeys } from '../keys.ts';
import { progressOf } from './lag.ts';

export type PressureLimits = {
  /** Entries that may wait for a required group; default 200,000. */
  readonly maxWaiting?: number;
  /** Part of Redis' `maxmemory` that may be used; default 0.9. */
  readonly maxMemoryRatio?: number;
  /** How old an answer may be; default 500 ms. */
  readonly checkEveryMs?: number;
};

export interface Pressure {
  /**
   * @throws StemmaError BACKPRESSURE (details.retryAfterMs) while the limits are exceeded, DEPENDENCY_UNAVAILABLE while Redis does
   *   not answer
   */
  check(): Promise<void>;
}

/** How long the first ones wait for a Redis that does not answer, and those who come after that. */
const PATIENCE_MS = 2_000;
const PROBE_MS = 250;
const RETRY_WAITING_MS = 1_000;
const RETRY_MEMORY_MS = 5_000;

/** Refuses events while the writers are too far behind or Redis is nearly full, so that memory stays bounded. */
export function createPressure(
  options: PressureLimits & {
    readonly redis: Redis;
    readonly keys: BusKeys;
    readonly now: () => number;
  },
): Pressure {
  const { redis, keys, now } = options;
  const { maxWaiting = 200_000, maxMemoryRatio = 0.9, checkEveryMs = 500 } = options;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let refusal: StemmaError | null = null;
  let running: Promise<void> | null = null;
  /** Since when Redis has been asked without an answer. */
  let askedAt: number | null = null;

  async function refresh(): Promise<void> {
    const [{ group, waiting }, info] = await Promise.all([
      farthestBehind(redis, keys),
      serverOf(redis, keys.counter).then(async (server) => server.info('memory')),
    ]);
    const used = memoryRatio(info);
    if (waiting > maxWaiting) {
      refusal = refuse(
        `The consumer group '${group}' is ${waiting} events behind (limit ${maxWaiting}): try again later.`,
        RETRY_WAITING_MS,
      );
    } else if (used > maxMemoryRatio) {
      refusal = refuse('The event bus is nearly full: try again later.', RETRY_MEMORY_MS);
    } else {
      refusal = null;
    }
    checkedAt = now();
    askedAt = null;
  }

  return {
    async check() {
      const age = now() - checkedAt;
      // a clock that was set back must not freeze an old answer
      if (age >= checkEveryMs || age < 0) {
        running ??= refresh().finally(() => (running = null));
        askedAt ??= now();
        const left = Math.min(PATIENCE_MS, PATIENCE_MS - (now() - askedAt));
        await within(Math.max(PROBE_MS, left), running, () =>
          busUnavailable(new Error('no answer to the question how full it is')),
        );
      }
      if (refusal !== null) throw refusal;
    },
  };
}

/** Of the groups that trimming waits for; where none was ever there, everything waits. */
async function farthestBehind(
  redis: Redis,
  keys: BusKeys,
): Promise<{ readonly group: string; readonly waiting: number }> {
  const groups = await requiredGroups(redis, keys);
  const behind = await Promise.all(
    (groups.length === 0 ? ['none yet'] : groups).map(async (group) => ({
      group,
      waiting: (await progressOf(redis, keys, group)).waiting,
    })),
  );
  return behind.reduce((most, one) => (one.waiting > most.waiting ? one : most));
}

export function refuse(message: string, retryAfterMs: number, cause?: unknown): StemmaError {
  return new StemmaError('BACKPRESSURE', message, { cause, details: { retryAfterMs } });
}

/** Used memory as a part of `maxmemory`; 0 where there is no limit. */
function memoryRatio(info: string): number {
  const limit = Number(/^maxmemory:(\d+)/m.exec(info)?.[1] ?? 0);
  const used = Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? 0);
  return limit === 0 ? 0 : used / limit;
}
