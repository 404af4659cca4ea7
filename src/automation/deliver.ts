import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { messageOf, StemmaError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { Claimed, Delivery, DeliveryQueue } from '../model/deliveries.ts';
import { sha256, type Envelope } from '../model/event.ts';
import { targetOf } from './actions/index.ts';
import { TargetError } from './targets.ts';
import { WATCHES_SOURCE } from './watches.ts';

export type DelivererOptions = {
  readonly queue: DeliveryQueue;
  readonly perform: (delivery: Delivery) => Promise<void>;
  /** Puts events on the bus; the same again is a duplicate. */
  readonly publish: (events: readonly Envelope[]) => Promise<void>;
  readonly now: () => number;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** @param isNews whether the try before succeeded */
  readonly onError: (error: unknown, isNews: boolean) => void;
  readonly settings: DeliverySettings;
};

export type DeliverySettings = {
  /** Times that a delivery is tried before it is given up. */
  readonly attempts: number;
  /** The longest wait after the first failure; each further one is three times as long, up to six hours, and a random part of that. */
  readonly waitMs: number;
  /** After so many deliveries in a row that were given up, their watch is disabled. */
  readonly disableAfter: number;
  /** Who takes a delivery and dies holds it up for so long. */
  readonly leaseMs: number;
};

const MAX_WAIT_MS = 6 * 3_600_000;
/** After so many failures in a row, a target is left alone for a while. */
const BREAK_AFTER = 5;
const BREAK_MS = 30_000;
/** How often is looked for what is due. */
const LOOK_MS = 200;

export interface Deliverer {
  /** Something may be due. */
  wake(): void;
  /** Takes nothing more; what is under way may finish for so long. */
  stop(graceMs: number): Promise<void>;
}

/** At once, of all targets and of each. */
const MAX_RUNNING = 32;
const MAX_PER_TARGET = 4;
const BUSY_MS = 250;
const MAX_TARGETS = 1_000;

/**
 * Does what watches want done. What came of each try is published before the delivery is taken out of the queue: whoever dies in between
 * tries it again, under the same id.
 */
export function startDeliverer(options: DelivererOptions): Deliverer {
  const { queue, publish, now, random, onError, settings } = options;
  const breakers = new LRUCache<string, CircuitBreakerPolicy>({ max: MAX_TARGETS });
  const busy = new Map<string, number>();
  const running = new Set<Promise<void>>();
  let isStopped = false;
  let failures = 0;
  let wakeUp = (): void => undefined;

  function note(error: unknown): void {
    onError(error, failures === 0);
    failures += 1;
  }

  function breakerOf(target: string): CircuitBreakerPolicy {
    const known = breakers.get(target);
    if (known !== undefined) return known;
    const breaker = circuitBreaker(
      handleWhen((error) => isRetryable(error)),
      {
        halfOpenAfter: BREAK_MS,
        breaker: new ConsecutiveBreaker(BREAK_AFTER),
      },
    );
    breakers.set(target, breaker);
    return breaker;
  }

  async function attempt({ delivery, attempt: count }: Claimed): Promise<void> {
    const target = targetOf(delivery);
    if (target !== null && (busy.get(target) ?? 0) >= MAX_PER_TARGET) {
      await queue.again(delivery.id, BUSY_MS, false);
      return;
    }
    if (target !== null) busy.set(target, (busy.get(target) ?? 0) + 1);
    try {
      const perform = async (): Promise<void> => options.perform(delivery);
      await (target === null ? perform() : breakerOf(target).execute(perform));
    } catch (error) {
      await failed(delivery, count, error);
      return;
    } finally {
      if (target !== null) {
        const left = (busy.get(target) ?? 1) - 1;
        if (left === 0) busy.delete(target);
        else busy.set(target, left);
      }
    }
    failpoint('action_performed');
    await publish([told(delivery, 'succeeded', 'succeeded', { attempts: count })]);
    failpoint('action_told');
    await queue.ended(delivery.watch, true);
    await queue.done(delivery.id);
  }

  async function failed(delivery: Delivery, count: number, error: unknown): Promise<void> {
    if (error instanceof BrokenCircuitError) {
      await queue.again(delivery.id, BREAK_MS * (0.5 + random() / 2), false);
      return;
    }
    const isFinal = count >= settings.attempts || !isRetryable(error);
    const wait = waitAfter(count, error);
    await publish([
      told(delivery, 'failed', `failed ${count}`, {
        ...{ attempt: count, reason: messageOf(error).slice(0, 1_000), final: isFinal },
        ...(isFinal ? {} : { nextAt: new Date(now() + wait).toISOString() }),
      }),
    ]);
    failpoint('action_told');
    if (!isFinal) {
      await queue.again(delivery.id, wait, true);
      return;
    }
    if ((await queue.ended(delivery.watch, false)) >= settings.disableAfter) {
      await publish([disabled(delivery)]);
      await queue.ended(delivery.watch, true); // whoever enables it again begins anew
    }
    await queue.done(delivery.id);
  }

  /** Exponential, with full jitter, unless the target has said when. */
  function waitAfter(count: number, error: unknown): number {
    const said = error instanceof TargetError ? error.retryAfterMs : null;
    if (said !== null) return said;
    const longest = Math.min(MAX_WAIT_MS, settings.waitMs * 3 ** (count - 1));
    return Math.ceil(longest * random());
  }

  function told(
    { id, watch, trigger, matched, action, correlationid, workflowid, traceparent }: Delivery,
    outcome: 'succeeded' | 'failed',
    what: string,
    data: object,
  ): Envelope {
    const [name, version] = nameOf(watch);
    return {
      ...{ specversion: '1.0', id: sha256(JSON.stringify([id, what])), source: WATCHES_SOURCE },
      ...{ type: `watch.action.${outcome}`, time: new Date(now()).toISOString() },
      ...{ causationid: matched },
      ...(correlationid === undefined ? {} : { correlationid }),
      ...(workflowid === undefined ? {} : { workflowid }),
      ...(traceparent === undefined ? {} : { traceparent }),
      data: { watch: name, version, action: action.kind, delivery: id, trigger, ...data },
    };
  }

  function disabled({ id, watch, matched }: Delivery): Envelope {
    const [name] = nameOf(watch);
    return {
      ...{
        specversion: '1.0',
        id: sha256(JSON.stringify([id, 'disabled'])),
        type: 'watch.disabled',
      },
      ...{ source: WATCHES_SOURCE, time: new Date(now()).toISOString(), causationid: matched },
      data: {
        name,
        reason: `${settings.disableAfter} deliveries in a row were given up: see watch.action.failed`,
      },
    };
  }

  async function loop(): Promise<void> {
    while (!isStopped) {
      let claimed: readonly Claimed[] = [];
      try {
        const free = MAX_RUNNING - running.size;
        if (free > 0) claimed = await queue.claim(free, settings.leaseMs);
        failures = 0;
      } catch (error) {
        note(error);
      }
      for (const one of claimed) {
        const work = attempt(one)
          .catch(note) // its lease runs out
          .finally(() => {
            running.delete(work);
            wakeUp();
          });
        running.add(work);
      }
      if (claimed.length === 0 || running.size >= MAX_RUNNING) await rest();
    }
  }

  async function rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const looping = loop();
  return {
    wake() {
      wakeUp();
    },
    async stop(graceMs) {
      isStopped = true;
      wakeUp();
      await looping;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        Promise.all(running),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, graceMs);
        }),
      ]);
      clearTimeout(timer);
    },
  };
}

/** What is not known to last may heal. */
function isRetryable(error: unknown): boolean {
  if (error instanceof TargetError) return error.retryable;
  // a secret that is not set may be set when the process is started anew
  if (error instanceof StemmaError)
    return error.retryable || error.code === 'CONFIGURATION_INVALID';
  return true;
}

function nameOf(watch: string): [name: string, version: number] {
  const at = watch.lastIndexOf('@');
  return [watch.slice(0, at), Number(watch.slice(at + 1))];
}
