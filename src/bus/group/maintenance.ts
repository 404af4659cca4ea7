import type { Redis } from '../redis.ts';
import type { DeadLetterArchive } from '../../model/dead-letters.ts';
import type { Log } from '../../telemetry.ts';
import { archiveDeadLetters, recountArchive, type DeadLetterLimits } from '../letters/archive.ts';
import type { BusKeys } from '../keys.ts';
import { findGaps, type Gap } from '../log/lag.ts';
import { pause } from './pause.ts';
import { planTrim, trim, type TrimPlan } from '../log/trim.ts';

export type MaintenanceOptions = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly group: string;
  /** Whether the group writes events to the log, so that the streams may be trimmed below what it has acknowledged. */
  readonly trims: boolean;
  readonly everyMs?: number;
  /** Where dead letters go that the bus has no room for, and how many stay; left out: another group sees to that. */
  readonly deadLetters?: { readonly archive: DeadLetterArchive; readonly limits: DeadLetterLimits };
  readonly onGaps: (gaps: readonly Gap[]) => void;
  readonly now: () => number;
  readonly log: Log;
};

export interface Maintenance {
  /** May be called twice. */
  stop(): Promise<void>;
}

/**
 * Looks for log numbers that a group lost, archives dead letters and trims the streams where it may, from time to time. Any number of
 * processes may do so at once.
 */
export function startMaintenance(options: MaintenanceOptions): Maintenance {
  const { redis, keys, group, trims, everyMs = 10_000, now, log } = options;
  const abort = new AbortController();
  let plan: TrimPlan = new Map();
  let isCounted = false;

  async function pass(): Promise<void> {
    const gaps = await findGaps(redis, keys, group, now());
    if (gaps.length > 0) {
      log.error({ gaps, group }, 'EVENT_LOST');
      options.onGaps(gaps);
    }
    if (!trims) return;
    // one pass late: whoever follows the streams without a group has that long to read what was just acknowledged
    const removed = await trim(redis, plan);
    if (removed > 0) log.debug({ removed }, 'streams trimmed');
    plan = await planTrim(redis, keys, group, now());
    if (options.deadLetters === undefined) return;
    const { archive, limits } = options.deadLetters;
    if (!isCounted) await recountArchive({ redis, keys }, archive);
    isCounted = true;
    const archived = await archiveDeadLetters({ redis, keys }, archive, limits);
    if (archived > 0) log.info({ archived }, 'dead letters archived');
  }

  const loop = (async () => {
    while (!abort.signal.aborted) {
      await pass().catch((error: unknown) => {
        log.debug({ err: error }, 'bus maintenance failed'); // Redis is away: the consumer says so
      });
      await pause(everyMs, abort.signal);
    }
  })();

  return {
    async stop() {
      abort.abort();
      await loop;
    },
  };
}
