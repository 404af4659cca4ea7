import { StemmaError } from '../errors.ts';
import type { DeadLetter } from '../model/dead-letters.ts';
import { createFeed, type FeedOptions, type Source, type WatchOptions } from './feed.ts';
import { EVERYTHING, type LiveFilter } from './filter.ts';
import type { LiveItem, Told } from './watcher.ts';

/** When an event is told: once it is on the bus, or once it is in the graph. */
export type LiveStage = 'ACCEPTED' | 'APPLIED';

/** A dead letter, by the place in the log of its event. */
export type LiveLetter = Told & { readonly letter: DeadLetter };

/** What this process tells those who watch. */
export interface Live {
  /**
   * See Feed.
   *
   * @throws StemmaError BACKPRESSURE where too many watch already
   */
  watch(
    stage: LiveStage,
    filter: LiveFilter,
    options: WatchOptions,
  ): AsyncGenerator<LiveItem, void, undefined>;
  /** What could not be applied, once everything before it is settled. As `watch`. */
  watchDeadLetters(options: WatchOptions): AsyncGenerator<LiveItem<LiveLetter>, void, undefined>;
  /** How many watch. */
  watching(): number;
  stop(): Promise<void>;
}

export type LiveOptions = Omit<FeedOptions, 'source'> & {
  readonly sources: Readonly<Record<LiveStage, Source>>;
  readonly deadLetters: Source<LiveLetter>;
  /** Who may watch at once. */
  readonly maxWatching: number;
};

export function createLive(created: LiveOptions): Live {
  const { sources, deadLetters, maxWatching, ...options } = created;
  const feeds = {
    ACCEPTED: createFeed({ ...options, source: sources.ACCEPTED }),
    APPLIED: createFeed({ ...options, source: sources.APPLIED }),
  };
  const letters = createFeed({ ...options, source: deadLetters });
  const all = [feeds.ACCEPTED, feeds.APPLIED, letters];
  const watching = (): number => all.reduce((sum, feed) => sum + feed.watching(), 0);
  const checkRoom = (): void => {
    if (watching() < maxWatching) return;
    throw new StemmaError(
      'BACKPRESSURE',
      `This process serves ${maxWatching} subscriptions already: end one, or ask another process.`,
      { details: { limit: maxWatching } },
    );
  };
  return {
    watching,
    watch(stage, filter, watched) {
      checkRoom();
      return feeds[stage].watch(filter, watched);
    },
    watchDeadLetters(watched) {
      checkRoom();
      return letters.watch(ALL_LETTERS, watched);
    },
    async stop() {
      await Promise.all(all.map(async (feed) => feed.stop()));
    },
  };
}

/** Nobody asks for some of them only. */
export const ALL_LETTERS: LiveFilter<LiveLetter> = { ...EVERYTHING, matches: () => true };
