import type { Redis } from '../redis.ts';
import { messageOf, StemmaError } from '../../errors.ts';
import { failpoint } from '../../failpoint.ts';
import type { Domain } from '../../model/events/catalogue.ts';
import type { Log } from '../../telemetry.ts';
import type { BusKeys } from '../keys.ts';
import { isLost, type Entry } from '../log/entry.ts';
import { loadScript } from '../script.ts';
import type { ConsumerState } from './member.ts';
import { createMergedReader, hasNumber, type Taken } from './merge.ts';
import { pause } from './pause.ts';
import { createStreamReader, type Streams } from './reader.ts';

/**
 * A group that acknowledges nothing: each process that follows sees every event from a place on. Nothing is claimed, nothing is
 * pending, and trimming does not wait for it.
 */
export type FollowedGroup = {
  readonly name: string;
  readonly acknowledges: false;
  /** Whose events are handed on. */
  readonly domains: readonly Domain[];
};

export type FollowOptions = {
  /** For commands. */
  readonly redis: Redis;
  /** For blocking reads: a connection that nothing else uses, made anew when a read hangs. */
  readonly connectReader: () => Redis;
  readonly keys: BusKeys;
  /** The log number behind which it begins; left out: the greatest that was given out. */
  readonly after?: number;
  /** Entries read from one stream at once. */
  readonly batchSize?: number;
  readonly blockMs?: number;
  /**
   * Takes entries by ascending log number, over all domains; the next ones are read when it resolves. What it rejects with ends the
   * follower.
   */
  readonly deliver: (entries: readonly Entry[]) => Promise<void>;
  readonly log: Log;
};

export interface Follower {
  state(): ConsumerState;
  /** Everything up to this log number was handed on, or is not meant for it: where it would resume. */
  position(): number;
  /** Resolves when it cannot go on: POSITION_EXPIRED where it was overtaken by trimming, STREAM_REWOUND. */
  readonly failed: Promise<StemmaError>;
  /** Finishes what is being delivered. May be called twice. */
  stop(): Promise<void>;
}

const PLACE = loadScript('place.lua');
const RETRY_MS = 500;

/**
 * Follows the streams. Where a read fails it is repeated from the same place, so that nothing is lost and nothing comes twice.
 *
 * Since an append gives out a log number and writes its entry in one step, a number that no stream holds was trimmed or deleted: it is
 * told, never passed over. So all streams are read, whatever the domains of the group.
 *
 * @throws StemmaError POSITION_EXPIRED where the place behind `after` is not on the bus any more: `details.oldest` is the smallest
 *   log number that is; STREAM_REWOUND where `after` was never given out, or Redis has lost it
 */
export async function followGroup(
  definition: FollowedGroup,
  options: FollowOptions,
): Promise<Follower> {
  const { redis, keys, log } = options;
  const { name: group } = definition;
  const streams = keys.streams;
  const wanted = new Set(definition.domains.map(keys.stream));
  const [counter, first, ...ids] = (await PLACE(
    redis,
    [keys.counter, ...streams],
    [options.after ?? ''],
  )) as [number, number, ...string[]]; // as place.lua returns
  let position = options.after ?? counter;
  if (position > counter) throw rewound(position, counter);
  if (position < counter && first !== position + 1) throw expired(position, first || counter + 1);

  const lastIds = new Map(streams.map((stream, at) => [stream, ids[at] ?? '0-0']));
  const ending = new AbortController();
  const failed = Promise.withResolvers<StemmaError>();
  let state: ConsumerState = { phase: 'running' };
  const running = (): boolean => state.phase === 'running';
  const reader = createStreamReader({
    ...{ redis, connectReader: options.connectReader, streams },
    maxCount: options.batchSize ?? 1_000,
    batchBytes: 8 * 1024 * 1024,
    blockMs: options.blockMs ?? 1_000,
    ask: async (connection, { streams: of, count, block }) => {
      const from = [
        'STREAMS',
        ...of,
        ...of.map((stream) => lastIds.get(stream) ?? '0-0'),
      ] as Streams;
      return block === null
        ? connection.xread('COUNT', count, ...from)
        : connection.xread('COUNT', count, 'BLOCK', block, ...from);
    },
  });
  const merged = createMergedReader({
    ...{ redis, keys, streams, reader },
    onRead: async (entries) => {
      if (entries.length > 0) failpoint('after_read');
      for (const { stream, id } of entries) lastIds.set(stream, id);
      // without a log number it was not appended by Stemma, and has no place
      return Promise.resolve(
        entries.filter((entry): entry is Entry => !isLost(entry) && hasNumber(entry)),
      );
    },
  });

  async function deliver({ entries, through }: Taken): Promise<void> {
    const missing = firstMissing(position, entries, through);
    const present = missing === null ? entries : entries.filter(({ n }) => n < missing.from);
    // what was replayed for one group was seen by this one before
    const own = present.filter(({ stream, onlyFor }) => wanted.has(stream) && onlyFor === null);
    if (own.length > 0) await options.deliver(own);
    position = missing === null ? through : missing.from - 1;
    failpoint('after_delivery');
    if (missing !== null) throw expired(position, missing.next);
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (running()) {
      let taken: Taken;
      try {
        taken = await merged.next();
        if (failures > 0) log.info({ failures }, 'the bus is read again');
        failures = 0;
      } catch (error) {
        if (!running()) return;
        log[failures === 0 ? 'warn' : 'debug']({ err: error, group }, 'bus read failed');
        failures += 1;
        await pause(RETRY_MS, ending.signal);
        continue;
      }
      if (taken.through < position || taken.entries.some(({ n }) => n <= position)) {
        throw rewound(position, taken.through);
      }
      await deliver(taken);
    }
  }

  const work = run().catch((error: unknown) => {
    const reason =
      error instanceof StemmaError
        ? error
        : new StemmaError('INTERNAL_SERVER_ERROR', messageOf(error), { cause: error });
    state = { phase: 'failed', error: reason };
    log.error({ err: reason, group, position }, reason.code);
    failed.resolve(reason);
    reader.close();
  });

  return {
    state: () => state,
    position: () => position,
    failed: failed.promise,
    async stop() {
      if (running()) state = { phase: 'stopped' };
      ending.abort();
      await reader.interrupt();
      await work;
      reader.close();
    },
  };
}

/**
 * The first log number up to `through` that is not among the entries, and the first behind it that is; null where none is missing.
 *
 * @param entries by ascending log number, all above `position`
 */
function firstMissing(
  position: number,
  entries: readonly Entry[],
  through: number,
): { readonly from: number; readonly next: number } | null {
  let expected = position + 1;
  for (const { n } of entries) {
    if (n !== expected) return { from: expected, next: n };
    expected += 1;
  }
  return expected > through ? null : { from: expected, next: through + 1 };
}

function expired(position: number, oldest: number): StemmaError {
  return new StemmaError(
    'POSITION_EXPIRED',
    `The event bus no longer holds what follows position ${position}: it was trimmed. The oldest event behind it that is there has position ${oldest}; what lies between is in the log of the graph.`,
    { details: { position, oldest } },
  );
}

function rewound(position: number, greatest: number): StemmaError {
  return new StemmaError(
    'STREAM_REWOUND',
    `Position ${position} was asked for, and the event bus has come to ${greatest} only: either it was never given out, or Redis has lost events. Begin from a position up to ${greatest}.`,
    { details: { position, greatest } },
  );
}
