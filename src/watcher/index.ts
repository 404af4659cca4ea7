import { createClient, type RetryLimits } from '../cli/client.ts';
import { StemmaError } from '../errors.ts';
import { filePosition, type PositionStore } from './position.ts';
import { watch, type Acting, type Answers, type WatchedEvent } from './watch.ts';

export type { Answer } from './answer.ts';
export type { PositionStore } from './position.ts';
export type { Acting, Answers, WatchedEvent } from './watch.ts';

export type WatcherOptions<T extends string> = {
  /** Names what it sends: the source of its answers is `urn:stemma:watcher:<name>`. Its own answers are not told to it. */
  readonly name: string;
  /** Where the service answers. */
  readonly url: string;
  /** Types of events to act on, of the catalogue or registered. */
  readonly types: readonly T[];
  /** Further conditions, as those of the subscription `events`. */
  readonly filter?: Readonly<
    Partial<
      Record<
        'source' | 'subject' | 'correlationId' | 'causationId' | 'workflowId' | 'outcome',
        string
      >
    >
  >;
  /**
   * Acts on one event, and answers with events that it caused, or with nothing. It may be called again for the same event, after an
   * error or a crash: what it does outside of Stemma is to be harmless twice (`envelope.source` and `envelope.id` tell).
   */
  readonly act: (event: WatchedEvent<T>, acting: Acting) => Promise<Answers>;
  /** A file, or another place, that keeps how far it has come. Left out: it begins with what comes from now on. */
  readonly position?: string | PositionStore;
  /** How often one event is tried before it is given up with `watch.action.failed`; default 5. */
  readonly attempts?: number;
  /** Waits between tries, and between connections: 250 ms to 15 s by default, doubled each time, with jitter. */
  readonly delays?: Partial<Omit<RetryLimits, 'attempts'>>;
  /** Told of what it waits out or tries again; left out: nobody is. */
  readonly onProblem?: (problem: Error) => void;
};

export interface Watcher {
  /**
   * Until it is stopped.
   *
   * @throws StemmaError where it cannot go on: NOT_FOUND (no such type), POSITION_EXPIRED, CONFIGURATION_INVALID, …
   */
  run(): Promise<void>;
  /** Finishes the event that is under way, for `graceMs` (default 20 s) at the most. May be called twice. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * A program that acts on events and answers with events, over HTTP alone. Each event is acted on at least once, in the order of the
 * log, and answered once: answers have identities that follow from their trigger.
 *
 * @throws StemmaError BAD_USER_INPUT
 */
export function createWatcher<const T extends string>(options: WatcherOptions<T>): Watcher {
  const { name, types, attempts = 5, delays, position, onProblem = () => undefined } = options;
  if (!/^[\w.-]{1,128}$/.test(name)) {
    throw badInput('name', `'${name.slice(0, 120)}' is not a name of a watcher: [A-Za-z0-9_.-]+`);
  }
  if (types.length === 0) throw badInput('types', 'names no type of events');
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw badInput('attempts', `is ${attempts}: give a whole number from 1 on`);
  }
  const stopping = new AbortController();
  const stopped = new AbortController();
  const client = createClient({ url: options.url, signal: stopped.signal });
  let running: Promise<void> | null = null;
  return {
    async run() {
      running ??= watch<T>({
        ...{ name, types, act: options.act, client, attempts, onProblem },
        filter: options.filter ?? {},
        positions: typeof position === 'string' ? filePosition(position) : (position ?? inMemory()),
        delays: { firstDelayMs: 250, longestDelayMs: 15_000, ...delays, attempts },
        ...{ stopping: stopping.signal, stopped: stopped.signal },
      });
      return running;
    },
    async stop(graceMs = 20_000) {
      stopping.abort();
      const grace = setTimeout(() => {
        stopped.abort();
      }, graceMs);
      await running?.catch(() => undefined); // `run` tells
      clearTimeout(grace);
    },
  };
}

function inMemory(): PositionStore {
  return { load: async () => Promise.resolve(null), save: async () => Promise.resolve() };
}

function badInput(path: string, why: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', `'${path}' of the watcher ${why}.`, {
    details: { path },
  });
}
