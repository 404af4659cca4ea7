import { createAppliedFeed } from '../bus/log/applied.ts';
import type { Producer } from '../bus/log/producer.ts';
import type { Fates } from '../bus/log/fates.ts';
import { outcomesOf, settleCopies } from '../bus/log/resend.ts';
import type { Redis } from '../bus/redis.ts';
import type { Publisher } from '../model/receipt.ts';

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
  return {
    async publish(events) {
      const published = await producer.publish(events);
      return settleCopies(bus, producer, events, published, now());
    },
    whenApplied: async (position, timeoutMs) => feed.whenApplied(position, timeoutMs),
    stop: async () => feed.stop(),
  };
}
