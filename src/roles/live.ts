import { acceptedEvent } from '../apply/accepted.ts';
import { defineGroup, startGroup } from '../bus/group/group.ts';
import { pause } from '../bus/group/pause.ts';
import type { BusKeys } from '../bus/keys.ts';
import { deadLettersBetween, showDeadLetter } from '../bus/letters/dead-letters.ts';
import type { Entry } from '../bus/log/entry.ts';
import { frontierOf, greatestOf } from '../bus/log/lag.ts';
import { readBusPage } from '../bus/log/page.ts';
import type { Redis } from '../bus/redis.ts';
import { messageOf, StemmaError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import { createEventReader } from '../graph/read/events.ts';
import type { EventRecord } from '../graph/read/records.ts';
import type { Statements } from '../graph/statement.ts';
import type { Source, Tail } from '../live/feed.ts';
import { EVERYTHING, type LiveFilter } from '../live/filter.ts';
import { ALL_LETTERS, createLive, type Live, type LiveLetter } from '../live/live.ts';
import type { Told } from '../live/watcher.ts';
import type { DeadLetterArchive } from '../model/dead-letters.ts';
import { DOMAINS } from '../model/events/catalogue.ts';
import type { Log } from '../telemetry.ts';
import { GRAPH } from './graph.ts';

export type LiveSettings = {
  /** Events that may wait for one subscription. */
  readonly queue: number;
  readonly heartbeatMs: number;
  /** At once, in this process. */
  readonly subscriptions: number;
};

export const LIVE_SETTINGS: LiveSettings = {
  queue: 1_000,
  heartbeatMs: 15_000,
  subscriptions: 10_000,
};

export type LivePartsOptions = {
  readonly redis: Redis;
  /** A further connection, for blocking reads. */
  readonly connectReader: () => Redis;
  /** A connection that hears the reports of the writers. */
  readonly subscriber: Redis;
  readonly keys: BusKeys;
  readonly graph: Pick<Graph, 'read'>;
  readonly statements: Statements;
  readonly archive: DeadLetterArchive;
  readonly settings: LiveSettings;
  readonly log: Log;
};

/** Every process with an API follows the log by itself: each of its clients may want every event. */
const LIVE = defineGroup({ name: 'live', acknowledges: false, domains: DOMAINS });

/** Bodies that wait for one subscription. */
const QUEUE_CHARACTERS = 32 * 1024 * 1024;
/** Events that are read from the log at once; a body has up to 1 MiB. */
const PAGE = 100;
/** Where a report of the writers was missed. */
const LOOK_MS = 1_000;

export function createLiveEvents(options: LivePartsOptions): Live {
  const { queue, heartbeatMs, subscriptions } = options.settings;
  const log = createLogReader(options);
  return createLive({
    sources: {
      ACCEPTED: createAccepted(options, log),
      APPLIED: createSettled(options, log, EVERYTHING),
    },
    deadLetters: createSettled(options, createLetterReader(options), ALL_LETTERS),
    limit: { events: queue, characters: QUEUE_CHARACTERS },
    heartbeatMs,
    maxWatching: subscriptions,
  });
}

type LogReader = Pick<Source, 'page' | 'check'>;

/** What is in the log of the graph. */
function createLogReader({ redis, keys, graph, statements }: LivePartsOptions): LogReader {
  const reader = createEventReader(graph, statements);
  return {
    async page(filter, after, until) {
      const { items, more } = await reader.events(filter.stored, {
        ...{ limit: PAGE, position: after, backward: true, body: true },
      });
      const known = items.filter(({ n }) => n <= until);
      const isAll = !more || known.length < items.length;
      return {
        events: known.filter(filter.matches),
        through: isAll ? until : (known.at(-1)?.n ?? until),
      };
    },
    async check(after) {
      const greatest = await greatestOf(redis, keys);
      if (after > greatest) throw rewound(after, greatest);
      // everything before is meant, whatever that is
      if (after === 0 || (await frontierOf(redis, keys, GRAPH.name)) <= after) return;
      const [row] = await graph.read(statements.get('lookup/oldest-position'), {});
      const oldest = row === undefined ? null : Number(row.get('n'));
      if (oldest === null || oldest > after + 1) throw expired(after, oldest);
    },
  };
}

/** What could not be applied, on the bus or in the archive: nothing of it is ever forgotten. */
function createLetterReader({
  redis,
  keys,
  archive,
}: LivePartsOptions): Pick<Source<LiveLetter>, 'page' | 'check'> {
  const bus = { redis, keys, archive };
  return {
    async page(_filter, after, until) {
      const places = await deadLettersBetween(bus, GRAPH.name, { after, until, limit: PAGE });
      const letters = await Promise.all(places.map(async ({ id }) => showDeadLetter(bus, id)));
      return {
        events: letters
          .filter((letter) => letter !== null)
          .map((letter) => ({ n: letter.n, body: letter.text, letter })),
        through: places.length < PAGE ? until : (places.at(-1)?.n ?? until),
      };
    },
    async check(after) {
      const greatest = await greatestOf(redis, keys);
      if (after > greatest) throw rewound(after, greatest);
    },
  };
}

/** What is on the bus, and what was on it before it was trimmed. */
function createAccepted(options: LivePartsOptions, stored: LogReader): Source {
  const { redis, connectReader, keys, log } = options;
  return {
    async follow(deliver) {
      const follower = await startGroup(LIVE, {
        ...{ redis, connectReader, keys, log },
        deliver: async (entries) => {
          deliver(toEvents(entries), entries.at(-1)?.n ?? 0);
          return Promise.resolve();
        },
      });
      return {
        from: follower.position(),
        failed: follower.failed,
        stop: async () => follower.stop(),
      };
    },
    async page(filter, after, until) {
      const page = await readBusPage(redis, keys, after);
      // trimmed is what the writers have written to the log
      if (page.kind === 'trimmed') {
        return stored.page(filter, after, Math.min(until, page.oldest - 1));
      }
      const through = Math.min(page.through, until);
      const events = toEvents(page.entries.filter(({ n }) => n <= through));
      return { events: events.filter(filter.matches), through };
    },
    async check(after) {
      await stored.check(after);
    },
  };
}

function toEvents(entries: readonly Entry[]): EventRecord[] {
  // what was published again for one group was seen before
  return entries
    .filter(({ onlyFor }) => onlyFor === null)
    .flatMap((entry) => acceptedEvent(entry) ?? []);
}

/** What is stored, as far as everything before it is settled: in the order of the log, whichever writer is first. */
function createSettled<T extends Told>(
  options: LivePartsOptions,
  stored: Pick<Source<T>, 'page' | 'check'>,
  everything: LiveFilter<T>,
): Source<T> {
  const { redis, subscriber, keys, log } = options;
  const frontier = async (): Promise<number> => frontierOf(redis, keys, GRAPH.name);
  let hear = (): void => undefined;
  subscriber.on('message', () => {
    hear();
  });
  return {
    ...stored,
    async follow(deliver) {
      let position = await frontier();
      const from = position;
      const failed = Promise.withResolvers<StemmaError>();
      const ending = new AbortController();
      let heard = Promise.withResolvers<undefined>();
      hear = () => {
        heard.resolve(undefined);
      };

      async function look(): Promise<void> {
        const through = await frontier();
        if (through < position) throw rewound(position, through);
        while (position < through && !ending.signal.aborted) {
          const page = await stored.page(everything, position, through);
          position = page.through;
          deliver(page.events, position);
        }
      }
      async function run(): Promise<void> {
        let failures = 0;
        while (!ending.signal.aborted) {
          const looked = new AbortController();
          const either = AbortSignal.any([ending.signal, looked.signal]);
          await Promise.race([heard.promise, pause(LOOK_MS, either)]);
          looked.abort();
          heard = Promise.withResolvers();
          try {
            await look();
            failures = 0;
          } catch (error) {
            if (error instanceof StemmaError && error.code === 'STREAM_REWOUND') throw error;
            // looked for again: nothing is lost
            log[failures === 0 ? 'warn' : 'debug']({ err: error }, 'the log cannot be followed');
            failures += 1;
            await pause(LOOK_MS, ending.signal);
          }
        }
      }
      const work = run().catch((error: unknown) => {
        failed.resolve(
          error instanceof StemmaError
            ? error
            : new StemmaError('INTERNAL_SERVER_ERROR', messageOf(error), { cause: error }),
        );
      });
      const stop: Tail['stop'] = async () => {
        ending.abort();
        await work;
      };
      return { from, failed: failed.promise, stop };
    },
  };
}

function rewound(position: number, greatest: number): StemmaError {
  return new StemmaError(
    'STREAM_REWOUND',
    `Position ${position} was asked for, and the log has come to ${greatest} only: either it was never given out, or Redis has lost events. Begin from a position up to ${greatest}.`,
    { details: { position, greatest } },
  );
}

function expired(position: number, oldest: number | null): StemmaError {
  const what =
    oldest === null
      ? 'it holds nothing'
      : `its oldest event has position ${oldest}: begin after ${oldest - 1}`;
  return new StemmaError(
    'POSITION_EXPIRED',
    `The log has no event as old as position ${position}, and none that follows it at once: ${what}. What came before is not known.`,
    { details: { position, oldest } },
  );
}
