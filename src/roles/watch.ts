import { perform } from '../automation/actions/index.ts';
import type { ActionParts } from '../automation/actions/action.ts';
import { startDeliverer, type DeliverySettings } from '../automation/deliver.ts';
import { createAutomation } from '../automation/follow.ts';
import { createGates } from '../automation/gates.ts';
import { createSecrets } from '../automation/secrets.ts';
import { createTargets } from '../automation/targets.ts';
import { createWatches } from '../automation/watches.ts';
import { createDeliveryQueue } from '../bus/deliveries.ts';
import { defineGroup, startGroup } from '../bus/group/group.ts';
import type { Consumer } from '../bus/group/member.ts';
import { createProducer, type Producer } from '../bus/log/producer.ts';
import { frontierOf } from '../bus/log/lag.ts';
import { StemmaError } from '../errors.ts';
import { FOREIGN_TYPE_PREFIXES } from '../foreign/foreign.ts';
import { createDefinitionReader } from '../graph/read/definitions.ts';
import { createTypeReader } from '../graph/read/types.ts';
import { createAutomationStore } from '../graph/write/automation.ts';
import { checkEvent } from '../handlers/index.ts';
import { createCustomTypes } from '../intake/custom-types.ts';
import { contentHash, parseEvent, type Envelope } from '../model/event.ts';
import { DOMAINS } from '../model/events/catalogue.ts';
import type { AcceptedEvent } from '../model/receipt.ts';
import { GRAPH } from './graph.ts';
import { persistently, whenInGraph } from './in-graph.ts';
import { measuredBatches } from './measured.ts';
import { checkOf, defineRole, type RoleParts } from './role.ts';

/** A type that this process does not know yet may have been registered through another one. */
const UNKNOWN: ReadonlySet<string> = new Set(['EVENT_TYPE_UNKNOWN', 'SCHEMA_VERSION_UNKNOWN']);

/** What is being sent may finish, and is sent again otherwise. */
const DELIVERY_GRACE_MS = 5_000;

/** What an event has in it that may define something, however it is written. */
const DEFINING = /"(?:gate|watch)\.(?:defined|enabled|disabled)"/;

/** One member at a time, in the order of the log; who is behind holds nothing back for longer than a day. */
const WATCH = defineGroup({ name: 'watch', required: false, ordered: true, domains: DOMAINS });

export type WatchRoleOptions = Pick<
  RoleParts,
  'redis' | 'keys' | 'graph' | 'statements' | 'greatestPosition' | 'metrics' | 'now' | 'log'
> & {
  readonly connectReader: Parameters<typeof startGroup>[1]['connectReader'];
  readonly producer: Pick<Producer, 'publish'>;
  readonly secrets: Readonly<Record<string, string>>;
  /** `host` or `host:port` in the own network. */
  readonly allowedTargets: readonly string[];
  readonly deliveries: DeliverySettings;
  readonly batchSize?: number;
  readonly heartbeatMs?: number;
};

/**
 * Lets gates speak and watches act. The events of its group say how far to look; what is looked at is read from the log in the graph, so that neither
 * duplicates nor dead letters count, and what was replayed does.
 */
export async function startWatchRole(options: WatchRoleOptions): Promise<Consumer> {
  const { redis, keys, graph, statements, metrics, log } = options;
  const types = createCustomTypes({
    load: async () =>
      (await createTypeReader(graph, statements).typeStatements()).map(({ body }) => body),
    foreignPrefixes: FOREIGN_TYPE_PREFIXES,
    now: options.now,
  });
  /** What a watch publishes is held to what everybody else is. */
  const checked = async (envelope: Envelope): Promise<Envelope> => {
    const check = (): void => {
      checkEvent(parseEvent(envelope, types.check), options.now());
    };
    try {
      check();
    } catch (error) {
      if (!(error instanceof StemmaError) || !UNKNOWN.has(error.code)) throw error;
      await types.refresh();
      check();
    }
    return envelope;
  };
  const queue = createDeliveryQueue({ redis, keys, now: options.now });
  const parts: ActionParts = {
    targets: createTargets({ allowed: options.allowedTargets }),
    secrets: createSecrets(options.secrets),
    publish: async (envelope) => {
      await publish(options.producer, [await checked(envelope)]);
    },
    send: async (channel, message) => {
      await redis.publish(channel, message);
    },
    now: options.now,
  };
  const deliverer = startDeliverer({
    ...{ queue, now: options.now, random: Math.random },
    perform: async (delivery) => perform(delivery, parts),
    publish: async (events) => publish(options.producer, events),
    onError(error, isNews) {
      log[isNews ? 'warn' : 'debug']({ err: error }, 'deliveries of watches wait');
    },
    settings: options.deliveries,
  });
  const reader = createDefinitionReader(graph, statements);
  const store = createAutomationStore(graph, statements);
  const onInvalid = (name: string, err: unknown): void => {
    log.warn({ name, err }, 'what is defined is not valid, and has no effect');
  };
  const automation = createAutomation({
    kinds: [
      createGates({ statements: async () => reader.gateStatements(), store, onInvalid }),
      createWatches({ statements: async () => reader.watchStatements(), onInvalid }),
    ],
    store,
    publish: async (events) => publish(options.producer, events),
    async enqueue(deliveries) {
      await queue.add(deliveries);
      if (deliveries.length > 0) deliverer.wake();
    },
  });
  let isKnown = false;

  async function look(until: number, mayDefine: boolean, signal: AbortSignal): Promise<void> {
    if (isKnown && !mayDefine && automation.isIdle()) return;
    await whenInGraph(options, until, signal);
    if (!isKnown || mayDefine) await automation.refresh();
    isKnown = true;
    await automation.advance(until, signal);
  }

  /** However long the database or the bus is away. */
  async function lookAt(...[until, mayDefine, signal]: Parameters<typeof look>): Promise<void> {
    const work = async (): Promise<void> => look(until, mayDefine, signal);
    await persistently(work, 'gates and watches cannot be looked after', log, signal);
  }

  const starting = new AbortController();
  const started = frontierOf(redis, keys, GRAPH.name)
    .then(async (until) => lookAt(until, true, starting.signal))
    .catch((error: unknown) => {
      if (!starting.signal.aborted)
        log.error({ err: error }, 'gates and watches cannot be looked after');
    });
  const consumer = await startGroup(WATCH, {
    ...options,
    process: measuredBatches(WATCH.name, metrics, async (entries, signal) => {
      await started;
      const positions = entries.map(({ n }) => n).filter(Number.isSafeInteger);
      const mayDefine = entries.some(({ text }) => DEFINING.test(text));
      if (positions.length > 0) await lookAt(Math.max(...positions), mayDefine, signal);
      return entries.map(() => ({ kind: 'applied' }));
    }),
  });
  return {
    ...consumer,
    // a batch that is left pending is looked at again: there is nothing to finish
    async stop(graceMs = 0) {
      starting.abort();
      await Promise.all([consumer.stop(graceMs), deliverer.stop(DELIVERY_GRACE_MS)]);
    },
  };
}

async function publish(
  producer: Pick<Producer, 'publish'>,
  events: readonly Envelope[],
): Promise<void> {
  if (events.length === 0) return;
  for (const one of await producer.publish(events.map(toAccepted))) {
    if (one.outcome === 'failed') throw one.error;
  }
}

function toAccepted(envelope: Envelope): AcceptedEvent {
  const raw = JSON.stringify(envelope);
  const event = parseEvent(JSON.parse(raw), () => undefined); // of ours, or checked
  return { event, raw, contentHash: contentHash(event.envelope) };
}

export const role = defineRole({
  name: 'watch',
  async start({ settings, connect, ...parts }) {
    const { keys, now, greatestPosition, greatestKnown } = parts;
    const consumer = await startWatchRole({
      ...parts,
      connectReader: () => connect('watch-reader', { failFast: false }),
      producer: createProducer({
        ...{ redis: connect('watch-producer'), keys, now },
        ...{ floor: greatestPosition, greatestKnown },
      }),
      secrets: settings.secrets,
      allowedTargets: settings.STEMMA_ALLOWED_TARGETS,
      deliveries: {
        attempts: settings.STEMMA_DELIVERY_ATTEMPTS,
        waitMs: settings.STEMMA_DELIVERY_WAIT_MS,
        leaseMs: settings.STEMMA_DELIVERY_LEASE_MS,
        disableAfter: settings.STEMMA_DELIVERY_DISABLE_AFTER,
      },
      batchSize: settings.STEMMA_BATCH_SIZE,
      heartbeatMs: settings.STEMMA_HEARTBEAT_MS,
    });
    return {
      checks: () => [checkOf('watch', consumer)],
      failed: consumer.failed,
      stop: async () => consumer.stop(),
    };
  },
});
