import {
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  retry,
  TaskCancelledError,
  wrap,
} from 'cockatiel';
import type { Entry, Settled } from '../bus/log/entry.ts';
import type { Attempts } from '../bus/group/attempts.ts';
import { messageOf, StemmaError } from '../errors.ts';
import { classifyFailure, type FailureKind } from '../graph/classify.ts';
import { refused } from '../graph/driver.ts';
import type { LoggedEvent, Writer, WriteResult } from '../graph/write/writer.ts';
import type { Log } from '../telemetry.ts';
import { decodeEntry } from './decode.ts';
import { applyDocuments } from './documents.ts';
import { applyRevisions } from './revisions.ts';

export type ApplierOptions = {
  readonly writer: Writer;
  /** How often one event is tried before it becomes a dead letter. */
  readonly maxAttempts?: number;
  readonly log: Log;
  /** Hears of every write that failed and may be tried again. */
  readonly onFailed?: (kind: FailureKind) => void;
  /** First and longest wait between tries, ms. */
  readonly backoffMs?: { readonly first: number; readonly longest: number };
};

/** Applies entries of the bus to the graph; every entry is settled, and one that cannot be applied does not hold up the others. */
export interface Applier {
  /**
   * Rejects where `signal` is aborted.
   *
   * @throws StemmaError DEPENDENCY_REFUSED where the database does not let this service write: no event is to blame
   */
  apply(entries: readonly Entry[], signal: AbortSignal, attempts: Attempts): Promise<Settled[]>;
}

type Item = { readonly entry: Entry; readonly event: LoggedEvent };
/** What one call of apply is about. */
type Round = {
  readonly settled: Map<Entry, Settled>;
  readonly signal: AbortSignal;
  readonly attempts: Attempts;
};

const APPLIED: Settled = { kind: 'applied' };
/** Lost races (deadlocks, time-outs) of one transaction in a row, before some event of it is suspected. */
const MAX_CONFLICTS = 10;
/** An entry that was under way when processes died is only given up after it was tried alone. */
const MIN_DEATHS = 3;

export function createApplier(options: ApplierOptions): Applier {
  const { writer, log, maxAttempts = 5, backoffMs = { first: 20, longest: 5_000 } } = options;
  const backoff = new ExponentialBackoff({
    generator: fullJitterGenerator,
    initialDelay: backoffMs.first,
    maxDelay: backoffMs.longest,
  });
  const retrying = (maxRetries: number, kinds: readonly FailureKind[]) =>
    retry(
      handleWhen((error) => kinds.includes(classifyFailure(error))),
      { maxAttempts: maxRetries, backoff },
    );
  const untilBack = wrap(
    retrying(Number.MAX_SAFE_INTEGER, ['unavailable']),
    retrying(MAX_CONFLICTS, ['conflict']),
  );

  return {
    async apply(entries, signal, attempts) {
      const round: Round = { settled: new Map(), signal, attempts };
      const items: Item[] = [];
      const failed: { entry: Entry; error: unknown }[] = [];
      for (const entry of entries) {
        if (entry.redeliveries >= Math.max(maxAttempts, MIN_DEATHS)) {
          round.settled.set(entry, deadByDeath(entry));
          continue;
        }
        if (entry.redeliveries >= 2) await attempts.record(entry);
        try {
          items.push({ entry, event: decodeEntry(entry) });
        } catch (error) {
          failed.push({ entry, error });
        }
      }
      for (const copies of withoutCopies(items)) await writeAll(copies, round);
      for (const { entry, error } of failed) await tryAgain(entry, error, round);
      return entries.map((entry) => settledOf(entry, round));
    },
  };

  /** Writes items as one batch; halves it where some event cannot be written, until that one is alone. */
  async function writeAll(items: readonly Item[], round: Round): Promise<void> {
    if (items.length === 0) return;
    try {
      const results = await write(items, round);
      items.forEach(({ entry }, at) => round.settled.set(entry, toSettled(results[at], entry)));
    } catch (error) {
      if (endsAll(error, round)) throw error;
      const [only] = items;
      if (items.length === 1 && only !== undefined) {
        await tryAgain(only.entry, error, round);
        return;
      }
      log.warn({ err: error, events: items.length }, 'batch halved');
      const middle = Math.ceil(items.length / 2);
      await writeAll(items.slice(0, middle), round);
      await writeAll(items.slice(middle), round);
    }
  }

  async function write(
    items: readonly Item[],
    { signal, attempts }: Round,
  ): Promise<WriteResult[]> {
    const events = items.map(({ event }) => event);
    let forgiven = false;
    return untilBack.execute(async () => {
      try {
        const results = await writer.write(events);
        const said = await applyDocuments(writer, events);
        await applyRevisions(writer, [...events, ...said]);
        return results;
      } catch (error) {
        const kind = classifyFailure(error);
        // once for each outage: it is tried until the database is back
        const level = kind === 'unavailable' && forgiven ? 'debug' : 'warn';
        options.onFailed?.(kind);
        log[level]({ err: error, kind, events: events.length }, 'write failed');
        if (kind === 'refused') throw error instanceof StemmaError ? error : refused(error);
        if (kind === 'unavailable' && !forgiven) {
          forgiven = true;
          await attempts.forgive(items.map(({ entry }) => entry));
        }
        throw error;
      }
    }, signal);
  }

  /** Tries an entry again, alone, after its first try here has failed. Each try is recorded before it begins. */
  async function tryAgain(entry: Entry, firstError: unknown, round: Round): Promise<void> {
    let tried = entry.redeliveries + 1;
    let error = firstError;
    try {
      if (isHopeless(error) || tried >= maxAttempts) throw error;
      const again = retry(
        handleWhen((failure) => !isHopeless(failure) && !endsAll(failure, round)),
        { maxAttempts: maxAttempts - tried - 1, backoff },
      );
      const [result] = await again.execute(async () => {
        await round.attempts.record(entry);
        tried += 1;
        return write([{ entry, event: decodeEntry(entry) }], round);
      }, round.signal);
      round.settled.set(entry, toSettled(result, entry));
    } catch (last) {
      error = last;
      if (endsAll(error, round)) throw error;
      log.error({ err: error, n: entry.n, attempts: tried }, 'dead letter');
      round.settled.set(entry, dead(error, tried));
    }
  }
}

/** No event is to blame, and none is settled. */
function endsAll(error: unknown, { signal }: Round): boolean {
  return (
    signal.aborted || error instanceof TaskCancelledError || classifyFailure(error) === 'refused'
  );
}

function deadByDeath(entry: Entry): Settled {
  const attempts = entry.redeliveries;
  const message = `The event was tried ${attempts} times, and the process that tried it did not survive.`;
  return dead(new StemmaError('HANDLER_FAILED', message), attempts);
}

function settledOf(entry: Entry, { settled }: Round): Settled {
  const result = settled.get(entry);
  if (result === undefined) throw new Error(`The entry ${entry.id} was not settled.`);
  return result;
}

/**
 * Items in groups without two copies of one event: each copy comes after the one before it is settled, so that the log can say
 * whether it is a duplicate, a conflict, or the first that could be applied.
 */
function withoutCopies(items: readonly Item[]): Item[][] {
  const groups: Item[][] = [];
  const counts = new Map<string, number>();
  for (const item of [...items].sort((x, y) => x.entry.n - y.entry.n)) {
    const earlier = counts.get(item.event.identity) ?? 0;
    counts.set(item.event.identity, earlier + 1);
    (groups[earlier] ??= []).push(item);
  }
  return groups;
}

function toSettled(result: WriteResult | undefined, entry: Entry): Settled {
  if (result === undefined) throw new Error(`The writer said nothing of the entry ${entry.id}.`);
  if (result.outcome === 'applied') return APPLIED;
  if (result.outcome === 'duplicate') return { kind: 'duplicate', first: result.first };
  return {
    kind: 'dead',
    code: 'IDEMPOTENCY_CONFLICT',
    message: `id_conflict: another event of the same source and id was accepted before (position ${result.first}, content ${result.firstHash}); this one was not applied.`,
    attempts: entry.redeliveries + 1,
  };
}

/** Trying again cannot help. */
function isHopeless(error: unknown): boolean {
  const kind = classifyFailure(error);
  return kind === 'permanent' || kind === 'too-large';
}

function dead(error: unknown, attempts: number): Settled {
  if (classifyFailure(error) === 'too-large') {
    return {
      kind: 'dead',
      code: 'TOO_LARGE_TO_APPLY',
      message: `too_large: the event alone is over the transaction memory of the database: ${messageOf(error)}`,
      attempts,
    };
  }
  const code = error instanceof StemmaError ? error.code : 'HANDLER_FAILED';
  return { kind: 'dead', code, message: messageOf(error), attempts };
}
