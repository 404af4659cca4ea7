import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { messageOf, StemmaError } from '../errors.ts';
import { DOMAINS, domainOf } from '../model/events/catalogue.ts';
import { identityOf } from '../model/event.ts';
import type { AcceptedEvent, Published } from '../model/receipt.ts';
import { busUnavailable } from './connection.ts';
import type { BusKeys } from './keys.ts';

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
};

export interface Producer {
  /** @throws StemmaError BACKPRESSURE, STREAM_REWOUND, DEPENDENCY_UNAVAILABLE */
  publish(events: readonly AcceptedEvent[]): Promise<Published[]>;
  /** The greatest log number seen so far. */
  position(): number;
}

const SCRIPT = readFileSync(new URL('./append.lua', import.meta.url), 'utf8');
const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');
const STREAM_INDEX = new Map(DOMAINS.map((domain, index) => [domain, index + 1]));

export function createProducer(options: ProducerOptions): Producer {
  const { redis, keys, now, batchSize = 500, windowSize = 100_000 } = options;
  const keyArguments = [keys.counter, ...keys.seen, ...keys.streams];
  let floor = options.floor ?? 0;

  async function append(events: readonly AcceptedEvent[]): Promise<Published[]> {
    const argv: (string | number)[] = [now(), windowSize, floor];
    for (const { event, raw, contentHash } of events) {
      const { envelope } = event;
      argv.push(
        STREAM_INDEX.get(domainOf(envelope.type)) ?? 0,
        hashOf(identityOf(envelope)),
        contentHash,
        raw,
      );
    }
    const replies = await evaluate(redis, keyArguments, argv);
    return replies.map(([kind, position, firstHash]): Published => {
      if (kind === 0) {
        floor = Math.max(floor, position);
        return { outcome: 'appended', position };
      }
      return kind === 1
        ? { outcome: 'duplicate', position }
        : { outcome: 'conflict', position, firstHash };
    });
  }

  return {
    async publish(events) {
      const batches: Promise<Published[]>[] = [];
      for (let at = 0; at < events.length; at += batchSize) {
        batches.push(append(events.slice(at, at + batchSize)));
      }
      return (await Promise.all(batches)).flat();
    },
    position: () => floor,
  };
}

type Reply = [kind: number, position: number, firstHash: string];

async function evaluate(
  redis: Redis,
  keys: readonly string[],
  argv: readonly (string | number)[],
): Promise<Reply[]> {
  try {
    return (await redis.evalsha(SCRIPT_SHA, keys.length, ...keys, ...argv)) as Reply[]; // as append.lua returns
  } catch (error) {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw publishError(error);
  }
  try {
    return (await redis.eval(SCRIPT, keys.length, ...keys, ...argv)) as Reply[]; // as append.lua returns
  } catch (error) {
    throw publishError(error);
  }
}

function publishError(error: unknown): StemmaError {
  const message = messageOf(error);
  if (message.includes('REWOUND')) {
    return new StemmaError(
      'STREAM_REWOUND',
      'The event bus has lost log numbers that the graph already knows: publishing is refused until an operator has run stemma repair-bus.',
      { cause: error },
    );
  }
  if (message.includes('OOM')) {
    return new StemmaError('BACKPRESSURE', 'The event bus is full: try again later.', {
      cause: error,
      details: { retryAfterMs: 5_000 },
    });
  }
  return busUnavailable(error);
}

/** 128 bits of an identity: enough to tell the identities of a window apart. */
function hashOf(identity: string): string {
  return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}
