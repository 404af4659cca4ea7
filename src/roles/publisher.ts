import { createAppliedFeed } from '../bus/log/applied.ts';
import type { Producer } from '../bus/log/producer.ts';
import type { Fates } from '../bus/log/fates.ts';
import { outcomesOf, settleCopies } from '../bus/log/resend.ts';
import type { Redis } from '../bus/redis.ts';
import type { Published, Publisher } from '../model/receipt.ts';

export type PublisherOptions = {
  readonly producer: Producer;
  /** For questions about the bus; may be shared. */
  readonly bus: Fates;
  /** A connection of its own for the reports of the writers. */
  readonly subscriber: Redis;
  readonly now: () => number;
  readonly pollMs?: number;
};

/** The bus as the edge sees it: appends, tells what became of earlier copies, and waits for the writers. */
export async function createPublisher(
  options: PublisherOptions,
): Promise<Publisher & { stop(): Promise<void> }> {
  const { producer, bus, subscriber, now, pollMs } = options;
  const feed = await createAppliedFeed({
    redis: subscriber,
    keys: bus.keys,
    group: bus.group,
    outcomes: async (positions) => outcomesOf(bus, positions),
    onReport: (position) => {
      producer.saw(position);
    },
    ...(pollMs === undefined ? {} : { pollMs }),
  });
  const durability = rememberFor(DURABILITY_MS, now, async () => producer.durability());
  return {
    async publish(events) {
      const published = await producer.publish(events);
      const settled = await settleCopies(bus, producer, events, published, now());
      if (settled.every((one) => !isTaken(one) || one.durability !== undefined)) return settled;
      const known = await durability();
      return known === null
        ? settled
        : settled.map((one) => (isTaken(one) ? { durability: known, ...one } : one));
    },
    whenApplied: async (position, timeoutMs) => feed.whenApplied(position, timeoutMs),
    stop: async () => feed.stop(),
  };
}

/** How Redis writes to its disk is asked again so often: an operator may change it. */
const DURABILITY_MS = 1_000;

function isTaken(one: Published): one is Extract<Published, { outcome: 'appended' | 'duplicate' }> {
  return one.outcome === 'appended' || one.outcome === 'duplicate';
}

/** The answer of the last so many ms; null where there is none: what was published is published all the same. */
function rememberFor<T>(
  ms: number,
  now: () => number,
  ask: () => Promise<T>,
): () => Promise<T | null> {
  let askedAt = -Infinity;
  let answer: Promise<T | null> = Promise.resolve(null);
  return async () => {
    if (now() - askedAt >= ms || now() < askedAt) {
      askedAt = now();
      answer = ask().catch(() => null);
    }
    return answer;
  };
}
