import { messageOf, StemmaError } from '../../errors.ts';
import { failpoint } from '../../failpoint.ts';
import type { Log } from '../../telemetry.ts';
import type { AttemptRecords, Attempts } from './attempts.ts';
import { attemptField, type Entry, type Settled } from '../log/entry.ts';
import { pause } from './pause.ts';
import { settleEntries, type Settlement } from './settlement.ts';

/**
 * Does the work of a batch. Settles every entry, however long that takes; rejects only where `signal` is aborted, or with
 * DEPENDENCY_REFUSED where an operator has to mend something, which ends the consumer. The entries stay pending then. An entry from
 * its second redelivery on comes alone.
 */
export type Process = (
  entries: readonly Entry[],
  signal: AbortSignal,
  attempts: Attempts,
) => Promise<Settled[]>;

/** What became of entries, since the start. Only the one who acknowledged an entry counts it. */
export type ConsumerCounts = {
  readonly applied: number;
  readonly duplicate: number;
  readonly dead: number;
  /** Deliveries that were not the first. */
  readonly redelivered: number;
};

export type SettlerOptions = Settlement & {
  readonly process: Process;
  readonly now: () => number;
  readonly log: Log;
  readonly attempts: AttemptRecords;
  /** An operator has to mend something before the consumer can go on. */
  readonly onRefused: (error: StemmaError) => void;
};

export interface Settler {
  counts(): ConsumerCounts;
  /** Entries were delivered again. */
  redelivered(count: number): void;
  /**
   * Has a batch processed, and acknowledges it; tried until Redis is back, for the work is done then.
   *
   * @returns false where the entries stay pending
   */
  settle(entries: readonly Entry[], signal: AbortSignal): Promise<boolean>;
}

const RETRY_MS = 500;

/** The second half of every consumer: process → acknowledge. */
export function createSettler(options: SettlerOptions): Settler {
  const { redis, keys, group, attempts, now, log } = options;
  const counts = { applied: 0, duplicate: 0, dead: 0, redelivered: 0 };

  async function acknowledge(
    entries: readonly Entry[],
    settled: readonly Settled[],
    firstAt: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (let failures = 0; ; failures += 1) {
      try {
        const acked = await settleEntries({ redis, keys, group }, entries, settled, {
          ...{ firstAt, lastAt: now() },
          counted: entries.filter((entry) => attempts.isCounted(entry)).map(attemptField),
        });
        attempts.forget(entries);
        if (acked === entries.length) for (const { kind } of settled) counts[kind] += 1;
        else log.info({ entries: entries.length, acked }, 'settled by another consumer as well');
        return true;
      } catch (error) {
        if (isMissing(error) || signal.aborted) return false; // pending entries are claimed and settled again
        log[failures === 0 ? 'warn' : 'debug']({ err: error }, 'acknowledging failed');
        await pause(RETRY_MS, signal);
      }
    }
  }

  return {
    counts: () => ({ ...counts }),
    redelivered(count) {
      counts.redelivered += count;
    },
    async settle(entries, signal) {
      const firstAt = now();
      try {
        const settled = await options.process(entries, signal, attempts);
        failpoint('after_commit');
        return await acknowledge(entries, settled, firstAt, signal);
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, 'a batch was left pending');
        if (error instanceof StemmaError && error.code === 'DEPENDENCY_REFUSED') {
          options.onRefused(error);
        }
        return false;
      }
    },
  };
}

/** Redis has lost the stream, or the group. */
export function isMissing(error: unknown): boolean {
  return /NOGROUP|no such key/.test(messageOf(error));
}
