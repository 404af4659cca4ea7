import type { Redis } from 'ioredis';
import { StemmaError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { Log } from '../telemetry.ts';
import { createAttempts } from './attempts.ts';
import { claimAbandoned } from './claim.ts';
import { attemptField, isLost, type Entry, type LostEntry } from './entry.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { BusKeys } from './keys.ts';
import { pause } from './pause.ts';
import { createGroupReader } from './reader.ts';
import { settleLost } from './settlement.ts';
import { createSettler, isMissing, type ConsumerCounts, type Process } from './settler.ts';

export type ConsumerState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running' }
  | { readonly phase: 'draining' }
  | { readonly phase: 'stopped' }
  | { readonly phase: 'failed'; readonly error: StemmaError };

export type ConsumerOptions = {
  /** For commands. */
  readonly redis: Redis;
  /** For blocking reads: a connection that nothing else uses, made anew when a read hangs. */
  readonly connectReader: () => Redis;
  readonly keys: BusKeys;
  readonly group: string;
  /** Unique among the consumers of the group. */
  readonly name: string;
  readonly streams: readonly string[];
  /** Entries read from one stream at once. */
  readonly batchSize?: number;
  /** Bytes of entries that are read from one stream at once, about. */
  readonly batchBytes?: number;
  /** Batches that are processed at the same time. */
  readonly maxInFlight?: number;
  /** Entries idle for this long are taken from whoever holds them. */
  readonly claimIdleMs?: number;
  readonly claimEveryMs?: number;
  readonly blockMs?: number;
  /** A consumer without a sign of life for three times this long counts as dead. */
  readonly heartbeatMs?: number;
  readonly process: Process;
  /** Entries that were trimmed while they were pending. */
  readonly onLost: (entries: readonly LostEntry[]) => void;
  readonly now: () => number;
  readonly log: Log;
};

export interface Consumer {
  state(): ConsumerState;
  counts(): ConsumerCounts;
  /** Resolves when it has failed, with what its state says. */
  readonly failed: Promise<StemmaError>;
  /** @throws StemmaError CONSUMER_NAME_IN_USE */
  start(): Promise<void>;
  /** Finishes what is being processed, for `graceMs` at the most, and stops. May be called twice. */
  stop(graceMs?: number): Promise<void>;
}

const RETRY_MS = 500;

/** A member of a consumer group: read → process → acknowledge, and the next batch is read while one is processed. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { redis, keys, group, name, streams, now, log } = options;
  const { maxInFlight = 2, claimEveryMs = 5_000, claimIdleMs = 60_000 } = options;
  const maxCount = options.batchSize ?? 1_000;
  const abort = new AbortController();
  const inFlight = new Set<Promise<void>>();
  /** What was read and is not settled yet. */
  const held = new Map<string, Entry>();
  let state: ConsumerState = { phase: 'idle' };
  let loop: Promise<void> = Promise.resolve();
  const failed = Promise.withResolvers<StemmaError>();
  const running = (): boolean => state.phase === 'running';
  const fail = (error: StemmaError): void => {
    if (!running()) return;
    state = { phase: 'failed', error };
    failed.resolve(error);
    log.error({ err: error, group, name }, error.code);
  };

  const attempts = createAttempts({ redis, keys, group, signal: abort.signal, log });
  const settler = createSettler({
    ...{ redis, keys, group, attempts, now, log, process: options.process },
    onRefused: fail,
  });
  const reader = createGroupReader({
    ...{ redis, connectReader: options.connectReader, group, name, streams, maxCount },
    batchBytes: options.batchBytes ?? 8 * 1024 * 1024,
    blockMs: options.blockMs ?? 1_000,
  });
  const heartbeat = createHeartbeat({
    ...{ redis, keys, group, name, now, onTaken: fail },
    everyMs: options.heartbeatMs ?? 10_000,
    // what waits here for a database that is away must not look abandoned to the other consumers
    async onBeat() {
      for (const [stream, ids] of idsByStream(held.values())) {
        await redis.xclaim(stream, group, name, 0, ...ids, 'JUSTID');
      }
    },
  });

  async function run(): Promise<void> {
    let claimAt = 0;
    while (running()) {
      try {
        if (now() >= claimAt) {
          claimAt = now() + claimEveryMs;
          await claim();
          if (!running()) break;
        }
        await dispatch(await reader.read());
      } catch (error) {
        if (!running()) break;
        if (isMissing(error)) {
          fail(streamMissing(group, error));
          break;
        }
        log.warn({ err: error }, 'bus read failed');
        await pause(RETRY_MS, abort.signal);
        claimAt = 0; // the answer may have been lost on its way
      }
    }
    await Promise.allSettled(inFlight);
  }

  /** Takes over what dead consumers, or consumers that hang, have left behind. */
  async function claim(): Promise<void> {
    const count = Math.min(reader.count(), 100);
    for (const stream of streams) {
      while (running()) {
        const own = idsByStream(held.values()).get(stream) ?? [];
        const entries = await claimAbandoned({
          ...{ redis, keys, group, name, stream, count, claimIdleMs },
          held: own,
        });
        if (entries.length === 0) break;
        log.info({ stream, entries: entries.length }, 'claimed entries of another consumer');
        settler.redelivered(entries.length);
        await dispatch(entries);
        await Promise.allSettled(inFlight); // what was claimed must not look idle to others while it waits
      }
    }
  }

  async function dispatch(entries: readonly (Entry | LostEntry)[]): Promise<void> {
    if (entries.length === 0) return;
    failpoint('after_read');
    const lost = entries.filter(isLost);
    if (lost.length > 0) {
      options.onLost(lost);
      await settleLost({ redis, keys, group }, lost);
    }
    const present = entries.filter(
      (entry): entry is Entry => !isLost(entry) && !held.has(attemptField(entry)),
    );
    for (const entry of present) held.set(attemptField(entry), entry);
    const together = present.filter(({ redeliveries }) => redeliveries < 2);
    for (let at = 0; at < together.length; at += maxCount) {
      while (inFlight.size >= maxInFlight) await Promise.race(inFlight);
      enqueue(together.slice(at, at + maxCount));
    }
    // it may be what kills the process: nothing else is under way then, and what was tried least comes first
    const alone = present.filter(({ redeliveries }) => redeliveries >= 2);
    for (const entry of alone.sort((x, y) => x.redeliveries - y.redeliveries)) {
      await Promise.allSettled(inFlight);
      enqueue([entry]);
      await Promise.allSettled(inFlight);
    }
  }

  function enqueue(entries: readonly Entry[]): void {
    const work = settle(entries).finally(() => inFlight.delete(work));
    inFlight.add(work);
  }

  async function settle(entries: readonly Entry[]): Promise<void> {
    await settler.settle(entries, abort.signal);
    for (const entry of entries) held.delete(attemptField(entry));
  }

  return {
    state: () => state,
    counts: () => settler.counts(),
    failed: failed.promise,
    async start() {
      if (state.phase !== 'idle') return;
      await heartbeat.start();
      state = { phase: 'running' };
      loop = run();
    },
    async stop(graceMs = 20_000) {
      if (state.phase === 'stopped') return;
      if (state.phase === 'running') {
        state = { phase: 'draining' };
        await reader.interrupt();
      }
      const grace = setTimeout(() => {
        abort.abort();
      }, graceMs);
      await loop;
      clearTimeout(grace);
      abort.abort();
      await heartbeat.stop();
      reader.close();
      if (state.phase !== 'failed') state = { phase: 'stopped' };
    },
  };
}

function idsByStream(entries: Iterable<Entry>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { stream, id } of entries) {
    const ids = groups.get(stream);
    if (ids === undefined) groups.set(stream, [id]);
    else ids.push(id);
  }
  return groups;
}

export function streamMissing(group: string, cause: unknown): StemmaError {
  return new StemmaError(
    'STREAM_MISSING',
    `A stream, or its consumer group '${group}', has vanished while running: Redis has lost data. Nothing is read until the service is started with --recreate.`,
    { cause },
  );
}
