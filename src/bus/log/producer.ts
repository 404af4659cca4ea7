import { createHash } from 'node:crypto';
import { messageOf, StemmaError } from '../../errors.ts';
import { DOMAINS, domainOf } from '../../model/events/catalogue.ts';
import { identityOf, type Envelope } from '../../model/event.ts';
import type { AcceptedEvent, Durability, Published } from '../../model/receipt.ts';
import { capabilitiesOf, type Capabilities } from './capabilities.ts';
import { busUnavailable, onDisconnect, serverOf, type Redis } from '../redis.ts';
import { durabilityOf, whenFsynced } from './durability.ts';
import type { BusKeys } from '../keys.ts';
import { createPressure, refuse, type PressureLimits } from './pressure.ts';
import { loadScript } from '../script.ts';

export type ProducerOptions = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly now: () => number;
  /** Events per script call; a long script would hold up every other client of Redis. */
  readonly batchSize?: number;
  /** Identities remembered per generation, to answer DUPLICATE and IDEMPOTENCY_CONFLICT at the edge. */
  readonly windowSize?: number;
  /** The greatest log number that is known to exist, in Neo4j say; below it nothing is published. */
  readonly floor?: number;
  /**
   * Asks for that number again, after each new connection to Redis: a Redis that was restarted may have lost log numbers that
   * other processes gave out, and writers applied, meanwhile.
   */
  readonly greatestKnown?: () => Promise<number>;
  /** Beyond these nothing is published for a while. */
  readonly limits?: PressureLimits;
  /** Wait until Redis has events on disk, where it can tell (7.2): for this long. */
  readonly fsyncTimeoutMs?: number;
};

export interface Producer {
  /**
   * Appends events, in order, in batches that are each appended as a whole or not at all. Where the first batch fails, nothing is
   * appended and the call fails; where a later one does, its events and those behind them are `failed`. `durability` is told of what
   * Redis has confirmed to be on its disk.
   *
   * @throws StemmaError BACKPRESSURE (details.retryAfterMs), STREAM_REWOUND, DEPENDENCY_UNAVAILABLE
   */
  publish(events: readonly AcceptedEvent[]): Promise<Published[]>;
  /** The greatest log number seen so far. */
  position(): number;
  /** Some writer has reported this log number. */
  saw(position: number): void;
  /** What every event is worth that Redis has, by the way in which it writes to its disk: what `publish` has confirmed is worth more. */
  durability(): Promise<Durability>;
}

const APPEND = loadScript('append.lua');
const STREAM_INDEX = new Map(DOMAINS.map((domain, index) => [domain, index + 1]));

export function createProducer(options: ProducerOptions): Producer {
  const { redis, keys, now, batchSize = 500, windowSize = 100_000, fsyncTimeoutMs } = options;
  const keyArguments = [keys.counter, ...keys.seen, ...keys.streams];
  const pressure = createPressure({ redis, keys, now, ...options.limits });
  let floor = options.floor ?? 0;
  let capabilities: Capabilities | null = null;
  let isFloorFresh = false;
  onDisconnect(redis, () => {
    isFloorFresh = false;
  });

  /** While the database is away, events are taken all the same: what writers reported is known without it. */
  async function refreshFloor(): Promise<void> {
    if (isFloorFresh || options.greatestKnown === undefined) return;
    isFloorFresh = true;
    try {
      floor = Math.max(floor, await options.greatestKnown());
    } catch {
      isFloorFresh = false;
    }
  }

  async function append(events: readonly AcceptedEvent[]): Promise<Published[]> {
    const argv: (string | number)[] = [now(), windowSize, floor];
    for (const { event, raw, contentHash } of events) {
      const { envelope } = event;
      argv.push(
        STREAM_INDEX.get(domainOf(envelope.type)) ?? 0,
        identityHash(identityOf(envelope)),
        contentHash,
        raw,
      );
    }
    const replies = (await APPEND(redis, keyArguments, argv)) as Reply[]; // as append.lua returns
    return replies.map(([kind, position, firstHash]): Published => {
      if (kind === 0) {
        floor = Math.max(floor, position);
        return { outcome: 'appended', position };
      }
      return kind === 1
        ? { outcome: 'duplicate', position, first: null }
        : { outcome: 'conflict', position, firstHash };
    });
  }

  /**
   * Whether WAITAOF confirms what was appended: it waits for what this connection has written, and of a call that appended nothing, or of the
   * first copies of duplicates, it says nothing.
   */
  async function isOnDisk(published: readonly Published[]): Promise<boolean> {
    if (fsyncTimeoutMs === undefined) return false;
    if (!published.some(({ outcome }) => outcome === 'appended')) return false;
    try {
      capabilities ??= await capabilitiesOf(redis, keys);
      if (!capabilities.waitAof || capabilities.appendFsync === 'off') return false;
      return await whenFsynced(await serverOf(redis, keys.counter), fsyncTimeoutMs);
    } catch {
      return false; // they are appended, whatever is known of the disk
    }
  }

  return {
    async publish(events) {
      try {
        await pressure.check();
        await refreshFloor();
        const published: Published[] = [];
        for (let at = 0; at < events.length; at += batchSize) {
          try {
            published.push(...(await append(events.slice(at, at + batchSize))));
          } catch (error) {
            if (at === 0) throw error;
            const failure: Published = { outcome: 'failed', error: publishError(error) };
            published.push(...Array.from({ length: events.length - at }, () => failure));
            break;
          }
        }
        return (await isOnDisk(published)) ? published.map(onDisk) : published;
      } catch (error) {
        throw publishError(error);
      }
    },
    position: () => floor,
    saw(position) {
      floor = Math.max(floor, position);
    },
    durability: async () => durabilityOf(await capabilitiesOf(redis, keys)),
  };
}

function onDisk(one: Published): Published {
  return one.outcome === 'appended' ? { ...one, durability: 'FSYNCED' } : one;
}

type Reply = [kind: number, position: number, firstHash: string];

/** What a failed append means to whoever wants to publish. */
export function publishError(error: unknown): StemmaError {
  if (error instanceof StemmaError) return error;
  const message = messageOf(error);
  if (message.includes('REWOUND')) {
    return new StemmaError(
      'STREAM_REWOUND',
      'The event bus has lost log numbers that the graph already knows: publishing is refused until the graph writer is started with --recreate, which mends the counter.',
      { cause: error },
    );
  }
  if (message.includes('OOM')) {
    return refuse('The event bus is full: try again later.', 5_000, error);
  }
  return busUnavailable(error);
}

/** An event of this identity is not taken for a duplicate any more: the log is to see it again. */
export async function forget(redis: Redis, keys: BusKeys, envelope: Envelope): Promise<void> {
  const identity = identityHash(identityOf(envelope));
  await Promise.all(keys.seen.map((generation) => redis.hdel(generation, identity)));
}

/** 128 bits of an identity: enough to tell the identities of a window apart. */
export function identityHash(identity: string): string {
  return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}
