import {
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  retry,
  TaskCancelledError,
} from 'cockatiel';
import type { Entry, Settled } from '../bus/entry.ts';
import type { Forgive } from '../bus/consumer.ts';
import { messageOf, StemmaError } from '../errors.ts';
import { classifyFailure } from '../graph/classify.ts';
import type { LoggedEvent, Writer, WriteResult } from '../graph/writer.ts';
import type { Log } from '../telemetry.ts';
import { decodeEntry } from './decode.ts';
import { applyDocuments } from './documents.ts';

export type ApplierOptions = {
  readonly writer: Writer;
  /** How often one event is tried before it becomes a dead letter. */
  readonly maxAttempts?: number;
  readonly log: Log;
  /** First and longest wait between tries, ms. */
  readonly backoffMs?: { readonly first: number; readonly longest: number };
};

/** Applies entries of the bus to the graph; every entry is settled, and one that cannot be applied does not hold up the others. */
export interface Applier {
  apply(entries: readonly Entry[], signal: AbortSignal, forgive: Forgive): Promise<Settled[]>;
}

type Item = { readonly entry: Entry; readonly event: LoggedEvent };

const APPLIED: Settled = { kind: 'applied' };

export function createApplier(options: ApplierOptions): Applier {
  const { writer, log, maxAttempts = 5, backoffMs = { first: 20, longest: 5_000 } } = options;
  const waiting = retry(
    handleWhen((error) => ['unavailable', 'conflict'].includes(classifyFailure(error))),
    {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new ExponentialBackoff({
        generator: fullJitterGenerator,
        initialDelay: backoffMs.first,
        maxDelay: backoffMs.longest,
      }),
    },
  );
  const between = new ExponentialBackoff({
    generator: fullJitterGenerator,
    initialDelay: backoffMs.first,
    maxDelay: backoffMs.longest,
  });

  return {
    async apply(entries, signal, forgive) {
      const settled = new Map<Entry, Settled>();
      const together: Item[] = [];
      const alone: Entry[] = [];
      for (const entry of entries) {
        // from the second redelivery on an entry is processed alone: it may be what kills the process
        if (entry.redeliveries >= 2) alone.push(entry);
        else {
          const item = decode(entry, settled, alone);
          if (item !== null) together.push(item);
        }
      }
      await writeAll(uniqueItems(together, settled), settled, signal, forgive);
      for (const entry of alone) await applyAlone(entry, settled, signal, forgive);
      return entries.map((entry) => settled.get(entry) ?? APPLIED);
    },
  };

  function decode(entry: Entry, settled: Map<Entry, Settled>, alone: Entry[]): Item | null {
    try {
      return { entry, event: decodeEntry(entry) };
    } catch (error) {
      if (classifyFailure(error) === 'permanent')
        settled.set(entry, dead(error, entry.redeliveries + 1));
      else alone.push(entry);
      return null;
    }
  }

  /** Writes items as one batch; halves it where some event cannot be written, until that one is alone. */
  async function writeAll(
    items: readonly Item[],
    settled: Map<Entry, Settled>,
    signal: AbortSignal,
    forgive: Forgive,
  ): Promise<void> {
    if (items.length === 0) return;
    try {
      const results = await write(items, signal, forgive);
      items.forEach(({ entry }, at) => settled.set(entry, toSettled(results[at], entry)));
    } catch (error) {
      if (signal.aborted || error instanceof TaskCancelledError) throw error;
      const [only] = items;
      if (items.length === 1 && only !== undefined) {
        await retryAlone(only.entry, error, settled, signal, forgive);
        return;
      }
      log.warn({ err: error, events: items.length }, 'batch halved');
      const middle = Math.ceil(items.length / 2);
      await writeAll(items.slice(0, middle), settled, signal, forgive);
      await writeAll(items.slice(middle), settled, signal, forgive);
    }
  }

  async function write(
    items: readonly Item[],
    signal: AbortSignal,
    forgive: Forgive,
  ): Promise<WriteResult[]> {
    const events = items.map(({ event }) => event);
    let forgiven = false;
    return waiting.execute(async () => {
      try {
        const results = await writer.write(events);
        await applyDocuments(writer, events);
        return results;
      } catch (error) {
        const kind = classifyFailure(error);
        log.warn({ err: error, kind, events: events.length }, 'write failed');
        if (kind === 'unavailable' && !forgiven) {
          forgiven = true;
          await forgive(items.map(({ entry }) => entry));
        }
        throw error;
      }
    }, signal);
  }

  async function applyAlone(
    entry: Entry,
    settled: Map<Entry, Settled>,
    signal: AbortSignal,
    forgive: Forgive,
  ): Promise<void> {
    if (entry.redeliveries >= maxAttempts) {
      const message = `The event was tried ${maxAttempts} times, and the process that tried it did not survive.`;
      settled.set(entry, dead(new StemmaError('HANDLER_FAILED', message), maxAttempts));
      return;
    }
    await tryAlone(entry, entry.redeliveries + 1, settled, signal, forgive);
  }

  async function retryAlone(
    entry: Entry,
    error: unknown,
    settled: Map<Entry, Settled>,
    signal: AbortSignal,
    forgive: Forgive,
  ): Promise<void> {
    const attempts = entry.redeliveries + 1;
    if (isHopeless(error) || attempts >= maxAttempts) {
      settled.set(entry, dead(error, attempts));
      return;
    }
    await tryAlone(entry, attempts + 1, settled, signal, forgive);
  }

  async function tryAlone(
    entry: Entry,
    firstAttempt: number,
    settled: Map<Entry, Settled>,
    signal: AbortSignal,
    forgive: Forgive,
  ): Promise<void> {
    const backoff = retry(
      handleWhen((error) => !isHopeless(error)),
      {
        maxAttempts: Math.max(0, maxAttempts - firstAttempt),
        backoff: between,
      },
    );
    let attempts = firstAttempt - 1;
    try {
      const result = await backoff.execute(async () => {
        attempts += 1;
        const event = decodeEntry(entry);
        const [written] = await write([{ entry, event }], signal, forgive);
        return written;
      }, signal);
      settled.set(entry, toSettled(result, entry));
    } catch (error) {
      if (signal.aborted || error instanceof TaskCancelledError) throw error;
      log.error({ err: error, n: entry.n, attempts }, 'dead letter');
      settled.set(entry, dead(error, attempts));
    }
  }
}

/** Of several copies of one event in a batch the first counts; the others are duplicates or conflicts. */
function uniqueItems(items: readonly Item[], settled: Map<Entry, Settled>): Item[] {
  const first = new Map<string, Item>();
  for (const item of [...items].sort((x, y) => x.entry.n - y.entry.n)) {
    const known = first.get(item.event.identity);
    if (known === undefined) {
      first.set(item.event.identity, item);
      continue;
    }
    const same = known.event.contentHash === item.event.contentHash;
    const result: WriteResult = same
      ? { outcome: 'duplicate', first: known.entry.n }
      : { outcome: 'conflict', first: known.entry.n, firstHash: known.event.contentHash };
    settled.set(item.entry, toSettled(result, item.entry));
  }
  return [...first.values()];
}

function toSettled(result: WriteResult | undefined, entry: Entry): Settled {
  if (result === undefined || result.outcome === 'applied') return APPLIED;
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
