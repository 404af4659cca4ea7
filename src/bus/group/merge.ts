import type { Redis } from '../redis.ts';
import type { BusKeys } from '../keys.ts';
import type { Entry, LostEntry } from '../log/entry.ts';
import type { StreamReader } from './reader.ts';

/** By stream: entries that were read and not yet handed on, in the order of the stream, which is that of their log numbers. */
export type Waiting = Map<string, Entry[]>;

export type Taken = {
  /** By ascending log number; what has none comes first. */
  readonly entries: readonly Entry[];
  /** No entry up to this log number can still come. */
  readonly through: number;
};

/** Several streams as one, in the order of log numbers. */
export interface MergedReader {
  /** Entries that were read in another way, in the order of their stream. */
  put(entries: readonly Entry[]): void;
  /** Reads on, and takes what may be handed on; waits for a while where nothing is there. */
  next(): Promise<Taken>;
}

export function createMergedReader(options: {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly streams: readonly string[];
  readonly reader: StreamReader;
  /** Sees what was read, and says what of it is there. */
  readonly onRead: (entries: readonly (Entry | LostEntry)[]) => Promise<readonly Entry[]>;
}): MergedReader {
  const { redis, keys, streams, reader } = options;
  const waiting: Waiting = new Map(streams.map((stream) => [stream, []]));
  const put = (entries: readonly Entry[]): void => {
    for (const entry of entries) waiting.get(entry.stream)?.push(entry);
  };
  return {
    put,
    async next() {
      const counter = Number((await redis.get(keys.counter)) ?? 0);
      const empty = streams.filter((stream) => waiting.get(stream)?.length === 0);
      const readAll = new Set<string>();
      if (empty.length > 0) {
        const count = reader.count();
        const entries = await reader.read(empty, empty.length === streams.length);
        put(await options.onRead(entries));
        const found = Map.groupBy(entries, ({ stream }) => stream);
        for (const stream of empty) {
          if ((found.get(stream)?.length ?? 0) < count) readAll.add(stream);
        }
      }
      return takeInOrder(waiting, readAll, counter);
    },
  };
}

/**
 * Takes what may be handed on in the order of log numbers: everything below the first number that might still come.
 *
 * @param readAll streams that had nothing more than what waits, when they were read after `counter`
 * @param counter the greatest log number that was given out before they were read
 */
export function takeInOrder(
  waiting: Waiting,
  readAll: ReadonlySet<string>,
  counter: number,
): Taken {
  let through = counter;
  for (const [stream, entries] of waiting) {
    const last = entries.findLast(hasNumber);
    if (!readAll.has(stream) && last !== undefined) through = Math.min(through, last.n);
  }
  const taken: Entry[] = [];
  for (const [stream, entries] of waiting) {
    const first = entries.findIndex((entry) => hasNumber(entry) && entry.n > through);
    taken.push(...entries.splice(0, first === -1 ? entries.length : first));
    waiting.set(stream, entries);
  }
  return { entries: taken.sort((x, y) => numberOf(x) - numberOf(y)), through };
}

export function hasNumber({ n }: Entry): boolean {
  return Number.isSafeInteger(n);
}

function numberOf(entry: Entry): number {
  return hasNumber(entry) ? entry.n : 0;
}
