import type { Redis } from '../redis.ts';
import { ERROR_CODES, type ErrorCode } from '../../errors.ts';
import type { Applied } from '../../model/receipt.ts';
import type { Entry, Settled } from './entry.ts';
import type { BusKeys } from '../keys.ts';

/** One message on the channel of a group: log numbers, and what became of them where it is not APPLIED. */
type Message = {
  readonly n: readonly number[];
  readonly other: readonly (readonly [
    n: number,
    status: Applied['status'],
    code?: string,
    message?: string,
  ])[];
};

export function appliedMessage(entries: readonly Entry[], settled: readonly Settled[]): string {
  const n: number[] = [];
  const other: Message['other'][number][] = [];
  entries.forEach((entry, at) => {
    const result = settled[at];
    if (result === undefined) throw new Error(`no settlement for the entry ${entry.id}`);
    if (result.kind === 'applied') n.push(entry.n);
    else if (result.kind === 'duplicate') other.push([entry.n, 'DUPLICATE']);
    else other.push([entry.n, 'DEAD_LETTERED', result.code, result.message]);
  });
  return JSON.stringify({ n, other } satisfies Message);
}

/** Waits for log numbers to be applied. */
export interface AppliedFeed {
  /** null after `timeoutMs`. */
  whenApplied(position: number, timeoutMs: number): Promise<Applied | null>;
  stop(): Promise<void>;
}

const DONE: Applied = { status: 'APPLIED', error: null };
/** Reports kept for waiters that come a moment after the report: publishing and applying race. */
const REMEMBERED = 50_000;

export type AppliedFeedOptions = {
  /** A connection of its own: it is put into subscriber mode. */
  readonly redis: Redis;
  readonly keys: BusKeys;
  /** Whose reports count. */
  readonly group: string;
  /**
   * Asks the bus what became of log numbers, in their order, for reports that were missed while the connection was down; null =
   * nothing is known yet.
   */
  readonly outcomes: (positions: readonly number[]) => Promise<(Applied | null)[]>;
  /** Called with each log number that a writer reports. */
  readonly onReport?: (position: number) => void;
  /** One question for all that is waited for, this often. */
  readonly pollMs?: number;
};

export async function createAppliedFeed(options: AppliedFeedOptions): Promise<AppliedFeed> {
  const { redis, keys, group, outcomes, onReport, pollMs = 1_000 } = options;
  const recent = new Map<number, Applied>();
  const waiters = new Map<number, Set<(applied: Applied) => void>>();

  const report = (position: number, applied: Applied): void => {
    onReport?.(position);
    recent.set(position, applied);
    if (recent.size > REMEMBERED) {
      const oldest = recent.keys().next();
      if (oldest.done !== true) recent.delete(oldest.value);
    }
    for (const resolve of waiters.get(position) ?? []) resolve(applied);
    waiters.delete(position);
  };
  redis.on('message', (_channel: string, text: string) => {
    const message = JSON.parse(text) as Message; // written by appliedMessage
    for (const position of message.n) report(position, DONE);
    for (const [position, status, code, reason] of message.other) {
      report(position, {
        status,
        error: code === undefined ? null : toReportedError(code, reason ?? ''),
      });
    }
  });
  await redis.subscribe(keys.reports(group));

  async function ask(): Promise<void> {
    const positions = [...waiters.keys()];
    const found = await outcomes(positions);
    positions.forEach((position, at) => {
      const outcome = found[at];
      if (outcome !== null && outcome !== undefined) report(position, outcome);
    });
  }

  let asking: Promise<void> | null = null;
  let poll: NodeJS.Timeout | null = null;
  const pollWhileWaiting = (): void => {
    poll ??= setInterval(() => {
      if (waiters.size === 0 && poll !== null) {
        clearInterval(poll);
        poll = null;
      } else {
        // the bus is away: its report, or the time limit, will settle it
        asking ??= ask()
          .catch(() => undefined)
          .finally(() => (asking = null));
      }
    }, pollMs);
  };

  return {
    async whenApplied(position, timeoutMs) {
      const known = recent.get(position);
      if (known !== undefined) return known;
      pollWhileWaiting();
      return new Promise<Applied | null>((resolve) => {
        const finish = (applied: Applied | null): void => {
          clearTimeout(timer);
          const waiting = waiters.get(position);
          waiting?.delete(finish);
          if (waiting?.size === 0) waiters.delete(position);
          resolve(applied);
        };
        const timer = setTimeout(() => {
          finish(null);
        }, timeoutMs);
        let waiting = waiters.get(position);
        if (waiting === undefined) waiters.set(position, (waiting = new Set()));
        waiting.add(finish);
      });
    },
    async stop() {
      if (poll !== null) clearInterval(poll);
      await redis.quit().catch(() => {
        redis.disconnect();
      });
    },
  };
}

/** What a report, or a dead letter, says of a failure, as the error of a receipt. */
export function toReportedError(code: string, message: string): NonNullable<Applied['error']> {
  const known = (ERROR_CODES as readonly string[]).includes(code);
  return {
    code: known ? (code as ErrorCode) : 'HANDLER_FAILED',
    message,
    path: '',
    retryable: false,
  };
}
