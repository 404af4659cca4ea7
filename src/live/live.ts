import { StemmaError } from '../errors.ts';
import { createFeed, type FeedOptions, type Source, type WatchOptions } from './feed.ts';
import type { LiveFilter } from './filter.ts';
import type { LiveItem } from './watcher.ts';

/** When an event is told: once it is on the bus, or once it is in the graph. */
export type LiveStage = 'ACCEPTED' | 'APPLIED';

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
  /** How many watch. */
  watching(): number;
  stop(): Promise<void>;
}

export type LiveOptions = Omit<FeedOptions, 'source'> & {
  readonly sources: Readonly<Record<LiveStage, Source>>;
  /** Who may watch at once. */
  readonly maxWatching: number;
};

export function createLive({ sources, maxWatching, ...options }: LiveOptions): Live {
  const feeds = {
    ACCEPTED: createFeed({ ...options, source: sources.ACCEPTED }),
    APPLIED: createFeed({ ...options, source: sources.APPLIED }),
  };
  const watching = (): number => feeds.ACCEPTED.watching() + feeds.APPLIED.watching();
  return {
    watching,
    watch(stage, filter, watched) {
      if (watching() < maxWatching) return feeds[stage].watch(filter, watched);
      throw new StemmaError(
        'BACKPRESSURE',
        `This process serves ${maxWatching} subscriptions already: end one, or ask another process.`,
        { details: { limit: maxWatching } },
      );
    },
    async stop() {
      await Promise.all([feeds.ACCEPTED.stop(), feeds.APPLIED.stop()]);
    },
  };
}
