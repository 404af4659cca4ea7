import type { Redis } from '../redis.ts';
import type { StemmaError } from '../../errors.ts';
import type { Log } from '../../telemetry.ts';
import { createAttempts } from './attempts.ts';
import type { LostEntry } from '../log/entry.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { BusKeys } from '../keys.ts';
import { createStreamReader, type StreamReader, type Streams } from './reader.ts';
import { createSettler, type ConsumerCounts, type Process, type Settler } from './settler.ts';

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

/** What the loop of a consumer works with. */
export type Member = {
  readonly reader: StreamReader;
  readonly settler: Settler;
  readonly maxCount: number;
  readonly heartbeatMs: number;
  readonly running: () => boolean;
  /** Ends the consumer, which says why. */
  readonly fail: (error: StemmaError) => void;
  /** Aborted when it is told to stop, or fails: what only waits ends. */
  readonly ending: AbortSignal;
  /** Aborted when its grace is over: what is being processed ends. */
  readonly ended: AbortSignal;
};

export type Loop = {
  /** Until the member does not run any more; what is being processed is finished when it resolves. */
  run(member: Member): Promise<void>;
  /** With every sign of life. */
  onBeat?(): Promise<unknown>;
};

/** A member of a consumer group from its start to its end; in which order it takes what is delivered is up to its loop. */
export function createMember(options: ConsumerOptions, loop: Loop): Consumer {
  const { redis, keys, group, name, streams, now, log } = options;
  const { batchSize: maxCount = 1_000, heartbeatMs = 10_000 } = options;
  const ending = new AbortController();
  const ended = new AbortController();
  const failed = Promise.withResolvers<StemmaError>();
  let state: ConsumerState = { phase: 'idle' };
  let work: Promise<void> = Promise.resolve();
  const running = (): boolean => state.phase === 'running';
  const fail = (error: StemmaError): void => {
    if (!running()) return;
    state = { phase: 'failed', error };
    failed.resolve(error);
    ending.abort();
    log.error({ err: error, group, name }, error.code);
  };

  const attempts = createAttempts({ redis, keys, group, signal: ended.signal, log });
  const settler = createSettler({
    ...{ redis, keys, group, attempts, now, log, process: options.process },
    onRefused: fail,
  });
  const reader = createStreamReader({
    ...{ redis, connectReader: options.connectReader, streams, maxCount },
    ask: async (connection, { streams: of, count, block }) => {
      const from = ['STREAMS', ...of, ...of.map(() => '>')] as Streams;
      return block === null
        ? connection.xreadgroup('GROUP', group, name, 'COUNT', count, ...from)
        : connection.xreadgroup('GROUP', group, name, 'COUNT', count, 'BLOCK', block, ...from);
    },
    batchBytes: options.batchBytes ?? 8 * 1024 * 1024,
    blockMs: options.blockMs ?? 1_000,
  });
  const heartbeat = createHeartbeat({
    ...{ redis, keys, group, name, now, onTaken: fail, everyMs: heartbeatMs },
    onBeat: async () => loop.onBeat?.(),
  });

  return {
    state: () => state,
    counts: () => settler.counts(),
    failed: failed.promise,
    async start() {
      if (state.phase !== 'idle') return;
      await heartbeat.start();
      state = { phase: 'running' };
      work = loop.run({
        ...{ reader, settler, maxCount, heartbeatMs, running, fail },
        ...{ ending: ending.signal, ended: ended.signal },
      });
    },
    async stop(graceMs = 20_000) {
      if (state.phase === 'stopped') return;
      if (running()) {
        state = { phase: 'draining' };
        ending.abort();
        await reader.interrupt();
      }
      const grace = setTimeout(() => {
        ended.abort();
      }, graceMs);
      await work;
      clearTimeout(grace);
      ended.abort();
      await heartbeat.stop();
      reader.close();
      if (state.phase !== 'failed') state = { phase: 'stopped' };
    },
  };
}
