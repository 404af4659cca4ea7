import { StemmaError } from '../errors.ts';
import type { EventRecord } from '../graph/read/records.ts';
import type { LiveFilter } from './filter.ts';
import { createWatcher, type LiveItem, type Told, type Watcher } from './watcher.ts';

/** @param through no event up to this log number can still come */
export type Deliver<T extends Told = EventRecord> = (events: readonly T[], through: number) => void;

/** What comes from now on. */
export type Tail = {
  /** It begins behind this log number. */
  readonly from: number;
  /** Resolves when it cannot go on. */
  readonly failed: Promise<StemmaError>;
  stop(): Promise<void>;
};

/** Where events come from, by ascending log number. */
export type Source<T extends Told = EventRecord> = {
  follow(deliver: Deliver<T>): Promise<Tail>;
  /**
   * What lies behind a place, a part at a time.
   *
   * @throws StemmaError POSITION_EXPIRED
   */
  page(
    filter: LiveFilter<T>,
    after: number,
    until: number,
  ): Promise<{ readonly events: readonly T[]; readonly through: number }>;
  /** @throws StemmaError STREAM_REWOUND where the place was never given out, POSITION_EXPIRED where the log has no such place */
  check(after: number): Promise<void>;
};

export type FeedOptions<T extends Told = EventRecord> = {
  readonly source: Source<T>;
  readonly limit: { readonly events: number; readonly characters: number };
  readonly heartbeatMs: number;
};

export type WatchOptions = {
  /** The log number behind which it begins; null: from now on. */
  readonly after: number | null;
  /** Called when it is too slow. */
  readonly onDropped: (error: StemmaError) => void;
};

/** One reader for all who watch in this process. */
export interface Feed<T extends Told = EventRecord> {
  /**
   * Every event that matches, once, by ascending log number. The first item says from where on, and a further one without an event comes
   * after each `heartbeatMs` in which nothing else did. `return` ends it at once.
   *
   * What it rejects with: SLOW_CONSUMER, POSITION_EXPIRED, STREAM_REWOUND, DEPENDENCY_UNAVAILABLE
   */
  watch(filter: LiveFilter<T>, options: WatchOptions): AsyncGenerator<LiveItem<T>, void, undefined>;
  watching(): number;
  /** Tells all who watch where to go on, and lets nobody in any more. Their iterators stay open until they are returned. */
  stop(): Promise<void>;
}

/** Those who watch by the same filter: it is evaluated once for them. */
type Channel<T extends Told> = {
  readonly filter: LiveFilter<T>;
  readonly watchers: Set<Watcher<T>>;
};

/** Reads the source while anybody watches. */
type Running<T extends Told> = {
  readonly tail: Tail;
  readonly channels: Map<string, Channel<T>>;
  /** Everything up to this log number was handed on. */
  readonly position: () => number;
  /** Why it cannot go on. */
  failure: StemmaError | null;
};

/** How long those who watch have for their last item. */
const DRAIN_MS = 1_000;

export function createFeed<T extends Told>({
  source,
  limit,
  heartbeatMs,
}: FeedOptions<T>): Feed<T> {
  let running: Promise<Running<T>> | null = null;
  let watching = 0;
  let hasStopped = false;
  const isStopped = (): boolean => hasStopped;
  const open = new Set<Watcher<T>>();

  async function start(): Promise<Running<T>> {
    const channels: Running<T>['channels'] = new Map();
    const at = { position: -1 };
    const tail = await source.follow((events, through) => {
      for (const { filter, watchers } of channels.values()) {
        const found = events.filter(filter.matches);
        for (const watcher of watchers) watcher.push(found, through);
      }
      at.position = through;
    });
    at.position = Math.max(at.position, tail.from);
    return { tail, channels, failure: null, position: () => at.position };
  }

  async function join(): Promise<Running<T>> {
    watching += 1;
    if (running !== null) return running;
    const starting = start();
    running = starting;
    const forget = (): void => {
      if (running === starting) running = null; // whoever comes next begins anew
    };
    starting.then((begun) => {
      void begun.tail.failed.then((error) => {
        forget();
        begun.failure = error;
        for (const { watchers } of begun.channels.values()) {
          for (const watcher of watchers) watcher.fail(error);
        }
      });
    }, forget);
    return starting;
  }

  async function leave(): Promise<void> {
    watching -= 1;
    if (watching > 0 || running === null) return;
    const ending = running;
    running = null;
    await (await ending.catch(() => null))?.tail.stop();
  }

  async function* read(
    filter: LiveFilter<T>,
    { after, onDropped }: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<LiveItem<T>, void, undefined> {
    if (isStopped()) throw stopping();
    try {
      const feed = await join();
      if (after !== null) await source.check(after);
      let position = after ?? feed.position();
      yield { position, event: null };
      while (position < feed.position()) {
        const { events, through } = await source.page(filter, position, feed.position());
        for (const event of events) {
          if (signal.aborted) return;
          yield { position: event.n, event };
        }
        position = through;
      }
      // nothing may come between the comparison and this
      const watcher = createWatcher<T>({ after: position, limit, heartbeatMs, signal, onDropped });
      const channel = channelOf(feed.channels, filter);
      channel.watchers.add(watcher);
      open.add(watcher);
      if (feed.failure !== null) watcher.fail(feed.failure);
      if (isStopped()) void watcher.drain();
      try {
        yield* watcher.items();
      } finally {
        open.delete(watcher);
        channel.watchers.delete(watcher);
        if (channel.watchers.size === 0) feed.channels.delete(filter.key);
      }
    } finally {
      await leave();
    }
  }

  return {
    watching: () => watching,
    watch(filter, options) {
      const ending = new AbortController();
      const items = read(filter, options, ending.signal);
      return {
        next: async () => items.next(),
        async return() {
          ending.abort();
          return items.return();
        },
        async throw(error: unknown) {
          ending.abort();
          return items.throw(error);
        },
        [Symbol.asyncIterator]() {
          return this;
        },
        async [Symbol.asyncDispose]() {
          await this.return();
        },
      };
    },
    async stop() {
      hasStopped = true;
      const told = Promise.all([...open].map(async (watcher) => watcher.drain()));
      const late = new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref());
      await Promise.race([told, late]);
      const ending = running;
      running = null;
      await (await ending?.catch(() => null))?.tail.stop();
    },
  };
}

function channelOf<T extends Told>(
  channels: Map<string, Channel<T>>,
  filter: LiveFilter<T>,
): Channel<T> {
  let channel = channels.get(filter.key);
  if (channel === undefined) {
    channels.set(filter.key, (channel = { filter, watchers: new Set() }));
  }
  return channel;
}

function stopping(): StemmaError {
  return new StemmaError(
    'DEPENDENCY_UNAVAILABLE',
    'This process is about to end: subscribe again, after the position of the last item that came.',
  );
}
