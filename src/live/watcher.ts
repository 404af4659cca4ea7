import { StemmaError } from '../errors.ts';
import type { EventRecord } from '../graph/read/records.ts';

/** What is told of a place in the log: `n`. What waits of it is measured by its body. */
export type Told = { readonly n: number; readonly body: string | null };

/** An event and its place in the log; without an event: nothing that is watched lies between the item before and this place. */
export type LiveItem<T = EventRecord> = { readonly position: number; readonly event: T | null };

export type WatcherOptions = {
  /** Behind this log number it begins. */
  readonly after: number;
  /** What may wait for it at the most. */
  readonly limit: { readonly events: number; readonly characters: number };
  /** After so long without an event it is told how far the feed has come. */
  readonly heartbeatMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** It was too slow. What it waits for may never come, so it may never hear of it by itself. */
  readonly onDropped: (error: StemmaError) => void;
};

/** One who watches: what waits for it, in the order of the log. */
export interface Watcher<T extends Told> {
  /** @param through no event up to this log number can still come */
  push(events: readonly T[], through: number): void;
  /** Its next item is this error. */
  fail(error: StemmaError): void;
  /** Resolves when it has been told where to go on: its last item. */
  drain(): Promise<void>;
  /** To be read once. */
  items(): AsyncGenerator<LiveItem<T>, void, undefined>;
}

export function createWatcher<T extends Told>(options: WatcherOptions): Watcher<T> {
  const { after, limit, heartbeatMs, signal } = options;
  let queue: T[] = [];
  let characters = 0;
  /** How far the feed has come. */
  let reached = after;
  /** The place of the last item that was taken in whole. */
  let taken = after;
  let failure: StemmaError | null = null;
  let isDraining = false;
  const drained = Promise.withResolvers<undefined>();
  const hasEnded = (): boolean => signal.aborted;
  let wake = (): void => undefined;
  signal.addEventListener('abort', () => {
    wake();
    drained.resolve(undefined);
  });

  function clear(): void {
    queue = [];
    characters = 0;
  }

  function fail(error: StemmaError): void {
    failure ??= error;
    clear();
    wake();
  }

  /** Until something is there, or for a while; whether something is. */
  async function wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, heartbeatMs, false);
      wake = () => {
        clearTimeout(timer);
        wake = () => undefined;
        resolve(true);
      };
    });
  }

  return {
    push(events, through) {
      if (failure !== null || isDraining) return;
      for (const event of events) {
        if (event.n <= after) continue;
        queue.push(event);
        characters += event.body?.length ?? 0;
      }
      reached = Math.max(reached, through);
      if (queue.length > limit.events || characters > limit.characters) {
        fail(tooSlow(taken));
        options.onDropped(tooSlow(taken));
      } else if (queue.length > 0) wake();
    },
    fail,
    async drain() {
      isDraining = true;
      wake();
      return drained.promise;
    },
    async *items() {
      while (!hasEnded()) {
        if (failure !== null) throw failure;
        const event = queue.shift();
        let item: LiveItem<T>;
        if (event !== undefined) {
          characters -= event.body?.length ?? 0;
          item = { position: event.n, event };
        } else if (isDraining) {
          yield { position: reached, event: null };
          drained.resolve(undefined);
          while (!hasEnded()) await wait();
          return;
        } else if (await wait()) continue;
        else item = { position: reached, event: null };
        yield item;
        taken = item.position;
      }
    },
  };
}

function tooSlow(position: number): StemmaError {
  return new StemmaError(
    'SLOW_CONSUMER',
    `Events wait for this subscription faster than it reads them: subscribe again after the position of the last item that came, which is ${position} or greater.`,
    { details: { position } },
  );
}
