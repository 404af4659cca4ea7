import type { Redis } from 'ioredis';
import { messageOf, StemmaError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { Log } from '../telemetry.ts';
import { appliedMessage } from './applied.ts';
import { claimAbandoned } from './claim.ts';
import { addDeadLetter } from './dead-letter.ts';
import {
  attemptField,
  isLost,
  parseEntry,
  type Entry,
  type LostEntry,
  type RawEntry,
  type Settled,
} from './entry.ts';
import type { BusKeys } from './keys.ts';

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
  /** Bytes of entries that are read ahead, at the most about. */
  readonly batchBytes?: number;
  /** Batches that are processed at the same time. */
  readonly maxInFlight?: number;
  /** Entries idle for this long are taken from whoever holds them. */
  readonly claimIdleMs?: number;
  readonly claimEveryMs?: number;
  readonly blockMs?: number;
  /** A consumer without a sign of life for this long counts as dead. */
  readonly heartbeatMs?: number;
  /**
   * Does the work of a batch. Settles every entry, however long that takes; rejects only where `signal` is aborted, and the
   * entries stay pending then. `forgive` takes back the count of a redelivery that says nothing about the entry, because a
   * server was away.
   */
  readonly process: (
    entries: readonly Entry[],
    signal: AbortSignal,
    forgive: Forgive,
  ) => Promise<Settled[]>;
  readonly onLost: (entries: readonly LostEntry[]) => void;
  readonly now: () => number;
  readonly log: Log;
};

export type Forgive = (entries: readonly Entry[]) => Promise<void>;

export interface Consumer {
  state(): ConsumerState;
  start(): void;
  /** Finishes what is being processed, for `graceMs` at the most, and stops. May be called twice. */
  stop(graceMs?: number): Promise<void>;
}

/** A member of a consumer group: read → process → acknowledge, and the next batch is read while one is processed. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { redis, keys, group, name, streams, log } = options;
  const { maxInFlight = 2, blockMs = 1_000, claimEveryMs = 5_000, heartbeatMs = 10_000 } = options;
  const maxCount = options.batchSize ?? 1_000;
  const batchBytes = options.batchBytes ?? 8 * 1024 * 1024;
  const abort = new AbortController();
  let state: ConsumerState = { phase: 'idle' };
  let loop: Promise<void> = Promise.resolve();
  let heartbeat: NodeJS.Timeout | undefined;
  let reader: Redis | undefined;
  const inFlight = new Set<Promise<void>>();
  const held = new Map<string, Entry>();
  /** Entries per read, fitted to their size so that memory stays bounded. */
  let count = Math.min(100, maxCount);
  const running = (): boolean => state.phase === 'running';

  async function run(): Promise<void> {
    let claimAt = 0;
    while (running()) {
      try {
        await beat();
        if (options.now() >= claimAt) {
          claimAt = options.now() + claimEveryMs;
          await claim();
        }
        const entries = await read();
        if (entries.length > 0) await dispatch(entries);
      } catch (error) {
        if (!running()) break;
        if (isMissing(error)) {
          state = { phase: 'failed', error: streamMissing(group, error) };
          log.error({ err: error }, 'STREAM_MISSING');
          break;
        }
        log.warn({ err: error }, 'bus read failed');
        await pause(500, abort.signal);
      }
    }
    await Promise.allSettled(inFlight);
  }

  async function beat(): Promise<void> {
    if (heartbeat !== undefined) return;
    const key = keys.heartbeat(group, name);
    const send = (): void => {
      redis.set(key, '1', 'PX', heartbeatMs * 3).catch(() => undefined); // shown by the read loop
      keepHeld().catch(() => undefined);
    };
    await redis.set(key, '1', 'PX', heartbeatMs * 3);
    heartbeat = setInterval(send, heartbeatMs);
  }

  /** What waits here for a database that is away must not look abandoned to the other consumers. */
  async function keepHeld(): Promise<void> {
    for (const [stream, ids] of byStream([...held.values()])) {
      await redis.xclaim(stream, group, name, 0, ...ids, 'JUSTID');
    }
  }

  const forgive: Forgive = async (entries) => {
    const counted = entries.filter((entry) => entry.redeliveries > 0);
    if (counted.length === 0) return;
    const commands = redis.pipeline();
    for (const entry of counted) commands.hincrby(keys.attempts(group), attemptField(entry), -1);
    await commands.exec();
  };

  /** Takes over what dead consumers, or consumers that hang, have left behind. */
  async function claim(): Promise<void> {
    for (const stream of streams) {
      for (;;) {
        const entries = await claimAbandoned(redis, { ...options, stream, count: 100 });
        if (entries.length === 0) break;
        log.info({ stream, entries: entries.length }, 'claimed entries of another consumer');
        await dispatch(entries);
        await Promise.allSettled(inFlight); // what was claimed must not look idle to others while it waits
        if (!running()) return;
      }
    }
  }

  async function read(): Promise<(Entry | LostEntry)[]> {
    const connection = (reader ??= options.connectReader());
    const watchdog = new AbortController();
    // a blocking read can hang after a reconnect (ioredis#1285, bullmq#4484)
    const hang = pause(blockMs + 5_000, watchdog.signal).then(() => {
      if (watchdog.signal.aborted) return null;
      reader = undefined;
      connection.disconnect();
      throw new Error('a blocking read did not return: connecting anew');
    });
    try {
      const reply = (await Promise.race([
        connection.xreadgroup(
          'GROUP',
          group,
          name,
          'COUNT',
          count,
          'BLOCK',
          blockMs,
          'STREAMS',
          ...streams,
          ...streams.map(() => '>'),
        ),
        hang,
      ])) as [string, RawEntry[]][] | null; // legacy reply shape, see platform notes
      const entries = (reply ?? []).flatMap(([stream, raw]) =>
        raw.map((entry) => parseEntry(stream, entry)),
      );
      fitCount(entries);
      return entries;
    } finally {
      watchdog.abort();
      hang.catch(() => undefined); // reported above where it happened
    }
  }

  function fitCount(entries: readonly (Entry | LostEntry)[]): void {
    if (entries.length === 0) return;
    let bytes = 0;
    for (const entry of entries) if (!isLost(entry)) bytes += entry.text.length;
    const average = Math.max(bytes / entries.length, 1);
    const fitting = Math.floor(batchBytes / average);
    count = Math.max(1, Math.min(maxCount, fitting, count * 2));
  }

  async function dispatch(entries: readonly (Entry | LostEntry)[]): Promise<void> {
    failpoint('after_read');
    const lost = entries.filter(isLost);
    if (lost.length > 0) {
      options.onLost(lost);
      await acknowledge(lost);
    }
    const present = entries.filter(
      (entry): entry is Entry => !isLost(entry) && !held.has(attemptField(entry)),
    );
    for (let at = 0; at < present.length; at += maxCount) {
      while (inFlight.size >= maxInFlight) await Promise.race(inFlight);
      const work = settle(present.slice(at, at + maxCount)).finally(() => inFlight.delete(work));
      inFlight.add(work);
    }
  }

  async function settle(entries: readonly Entry[]): Promise<void> {
    const firstAt = options.now();
    for (const entry of entries) held.set(attemptField(entry), entry);
    try {
      const settled = await options.process(entries, abort.signal, forgive);
      failpoint('after_commit');
      await acknowledgeSettled(entries, settled, firstAt);
    } catch (error) {
      if (!abort.signal.aborted) log.error({ err: error }, 'a batch was left pending');
    } finally {
      for (const entry of entries) held.delete(attemptField(entry));
    }
  }

  /** Acknowledges, dead-letters and reports in one transaction; tried until Redis is back, for the work is done. */
  async function acknowledgeSettled(
    entries: readonly Entry[],
    settled: readonly Settled[],
    firstAt: number,
  ): Promise<void> {
    for (;;) {
      try {
        const commands = redis.multi();
        for (const [stream, ids] of byStream(entries)) {
          commands.xack(stream, group, ...ids);
        }
        const retried = entries.filter((entry) => entry.redeliveries > 0);
        if (retried.length > 0) {
          commands.hdel(keys.attempts(group), ...retried.map((entry) => attemptField(entry)));
        }
        entries.forEach((entry, at) => {
          const result = settled[at];
          if (result?.kind !== 'dead') return;
          commands.hdel(keys.attempts(group), attemptField(entry));
          addDeadLetter(commands, keys, entry, {
            ...result,
            group,
            firstAt,
            lastAt: options.now(),
          });
        });
        commands.publish(keys.applied, appliedMessage(entries, settled));
        const replies = await commands.exec();
        const failed = replies?.find(([error]) => error !== null);
        if (failed?.[0] != null) throw failed[0];
        return;
      } catch (error) {
        if (isMissing(error) || abort.signal.aborted) return; // pending entries are claimed and settled again
        log.warn({ err: error }, 'acknowledging failed');
        await pause(500, abort.signal);
      }
    }
  }

  async function acknowledge(entries: readonly LostEntry[]): Promise<void> {
    for (const [stream, ids] of byStream(entries)) await redis.xack(stream, group, ...ids);
  }

  return {
    state: () => state,
    start() {
      if (state.phase !== 'idle') return;
      state = { phase: 'running' };
      loop = run();
    },
    async stop(graceMs = 20_000) {
      if (state.phase === 'stopped') return;
      if (state.phase === 'running') state = { phase: 'draining' };
      const grace = setTimeout(() => {
        abort.abort();
      }, graceMs);
      await loop;
      clearTimeout(grace);
      abort.abort();
      clearInterval(heartbeat);
      await redis.del(keys.heartbeat(group, name)).catch(() => undefined); // it expires by itself
      reader?.disconnect();
      if (state.phase !== 'failed') state = { phase: 'stopped' };
    },
  };
}

function byStream(entries: readonly { stream: string; id: string }[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { stream, id } of entries) {
    const ids = groups.get(stream);
    if (ids === undefined) groups.set(stream, [id]);
    else ids.push(id);
  }
  return groups;
}

function isMissing(error: unknown): boolean {
  return messageOf(error).includes('NOGROUP');
}

function streamMissing(group: string, cause: unknown): StemmaError {
  return new StemmaError(
    'STREAM_MISSING',
    `A stream, or its consumer group '${group}', has vanished while running: Redis has lost data. Nothing is read until the service is started with --recreate.`,
    { cause },
  );
}

/** Resolves after `ms`, or at once when aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
