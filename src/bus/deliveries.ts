import { StemmaError } from '../errors.ts';
import type { Claimed, Delivery, DeliveryQueue } from '../model/deliveries.ts';
import type { BusKeys } from './keys.ts';
import { busUnavailable, type Redis } from './redis.ts';
import { loadScript } from './script.ts';

const ADD = loadScript('deliveries-add.lua');
const CLAIM = loadScript('deliveries-claim.lua');
const AGAIN = loadScript('deliveries-again.lua');
const DONE = loadScript('deliveries-done.lua');

/** Deliveries that may wait; a target that is away for days must not fill the memory of the bus. */
const MAX_WAITING = 100_000;
const MAX_BYTES = 256 * 1024 * 1024;
const RETRY_MS = 5_000;

export type DeliveryQueueOptions = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly now: () => number;
  readonly maxWaiting?: number;
  readonly maxBytes?: number;
};

/** Deliveries in Redis, as durable as the bus: a sorted set by the time at which each is due, and what each is. */
export function createDeliveryQueue(options: DeliveryQueueOptions): DeliveryQueue {
  const { redis, keys, now, maxWaiting = MAX_WAITING, maxBytes = MAX_BYTES } = options;
  const due = keys.deliveries('due');
  const failures = keys.deliveries('failures');
  const all = [
    due,
    ...(['bodies', 'attempts', 'bytes'] as const).map((what) => keys.deliveries(what)),
  ];
  return {
    async add(deliveries) {
      if (deliveries.length === 0) return;
      const facts = deliveries.flatMap((one) => [one.id, JSON.stringify(one)]);
      const isTaken = await answered(ADD(redis, all, [now(), maxWaiting, maxBytes, ...facts]));
      if (isTaken === 1) return;
      throw new StemmaError(
        'BACKPRESSURE',
        `${await answered(redis.zcard(due))} deliveries of watches wait already: nothing is added before some of them are done. See stemma events --type watch.action.failed.`,
        { details: { retryAfterMs: RETRY_MS } },
      );
    },

    async claim(limit, leaseMs) {
      const rows = (await answered(CLAIM(redis, all, [now(), limit, leaseMs]))) as [
        string,
        number,
      ][]; // as deliveries-claim.lua returns
      return rows.map(
        ([body, attempt]): Claimed => ({ delivery: JSON.parse(body) as Delivery, attempt }), // as `add` wrote it
      );
    },

    async again(id, afterMs, counts) {
      await answered(AGAIN(redis, all, [id, now() + afterMs, counts ? 0 : 1]));
    },

    async done(id) {
      await answered(DONE(redis, all, [id]));
    },

    async ended(watch, isGood) {
      if (!isGood) return answered(redis.hincrby(failures, watch, 1));
      await answered(redis.hdel(failures, watch));
      return 0;
    },

    size: async () => answered(redis.zcard(due)),
  };
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw busUnavailable(error);
  }
}
