import { serverOf, type Redis } from '../redis.ts';
import { isLost, parseEntry, type Entry, type LostEntry, type RawEntry } from '../log/entry.ts';
import { pause } from './pause.ts';

export type ReaderOptions = {
  /** For commands. */
  readonly redis: Redis;
  /** A connection that nothing else uses, made anew when a read hangs. */
  readonly connectReader: () => Redis;
  /** The command that reads. */
  readonly ask: (connection: Redis, request: ReadRequest) => Promise<unknown>;
  readonly streams: readonly string[];
  readonly maxCount: number;
  readonly batchBytes: number;
  readonly blockMs: number;
};

export type ReadRequest = {
  readonly streams: readonly string[];
  /** Entries of each stream, at the most. */
  readonly count: number;
  /** How long to wait where nothing is there, ms; null: not at all. */
  readonly block: number | null;
};

/** The end of the command, as ioredis has its type. */
export type Streams = ['STREAMS', ...string[]];

export interface StreamReader {
  /** New entries of these streams, default all; none after `blockMs`, or at once where it does not wait. */
  read(of?: readonly string[], waits?: boolean): Promise<(Entry | LostEntry)[]>;
  /** Entries that one read takes from one stream at the most: fitted to their size, so that memory stays bounded. */
  count(): number;
  /** Ends a read that waits, without losing what it might just get. */
  interrupt(): Promise<void>;
  close(): void;
}

/** Until the size of entries is known. */
const FIRST_COUNT = 100;
const PATIENCE_MS = 5_000;

/** Blocking reads of several streams. */
export function createStreamReader(options: ReaderOptions): StreamReader {
  const { redis, streams, maxCount, batchBytes, blockMs } = options;
  let connection: Redis | undefined;
  /** Of the connection, while it waits; it changes when the connection breaks. */
  let client: number | undefined;
  let count = Math.min(FIRST_COUNT, maxCount);

  function fit(entries: readonly (Entry | LostEntry)[]): void {
    if (entries.length === 0) return;
    const sizes = new Map<string, { bytes: number; entries: number }>();
    for (const entry of entries) {
      const size = sizes.get(entry.stream) ?? { bytes: 0, entries: 0 };
      size.bytes += isLost(entry) ? 0 : entry.text.length;
      size.entries += 1;
      sizes.set(entry.stream, size);
    }
    // the count holds for each stream: the one with the largest entries decides
    const averages = [...sizes.values()].map(({ bytes, entries: number }) => bytes / number);
    const fitting = Math.floor(batchBytes / Math.max(...averages, 1));
    count = Math.max(1, Math.min(maxCount, fitting, count * 4));
  }

  return {
    async read(of = streams, waits = true) {
      const reader = (connection ??= options.connectReader());
      const watchdog = new AbortController();
      // a blocking read can hang after a reconnect (ioredis#1285, bullmq#4484)
      const hang = pause(blockMs + PATIENCE_MS, watchdog.signal).then(() => {
        if (watchdog.signal.aborted) return null;
        connection = undefined;
        reader.disconnect();
        throw new Error('a blocking read did not return: connecting anew');
      });
      try {
        // before the read, which it would wait for
        const server = await serverOf(reader, streams[0] ?? '');
        server.client('ID').then(
          (id) => (client = id),
          () => undefined, // the read fails as well
        );
        const request = { streams: of, count, block: waits ? blockMs : null };
        const reply = await Promise.race([options.ask(reader, request), hang]);
        const answer = (reply ?? []) as [string, RawEntry[]][]; // legacy reply shape, see platform notes
        const entries = answer.flatMap(([stream, raw]) =>
          raw.map((entry) => parseEntry(stream, entry)),
        );
        fit(entries);
        return entries;
      } finally {
        client = undefined;
        watchdog.abort();
        hang.catch(() => undefined); // reported above where it happened
      }
    },
    count: () => count,
    async interrupt() {
      if (client === undefined) return;
      const server = await serverOf(redis, streams[0] ?? '');
      await server.client('UNBLOCK', client).catch(() => undefined);
    },
    close() {
      connection?.disconnect();
    },
  };
}
