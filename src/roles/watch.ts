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
import { admit } from '../intake/admission.ts';
import { createCustomTypes } from '../intake/custom-types.ts';
import { contentHash, parseEvent, type Envelope } from '../model/event.ts';
import { DOMAINS, domainOf } from '../model/events/catalogue.ts';
import type { AcceptedEvent } from '../model/receipt.ts';
import { GRAPH } from './graph.ts';
import { persistently, whenInGraph, type FollowerOptions } from './in-graph.ts';
import { createInspection } from './inspection.ts';
import { measuredBatches } from './measured.ts';
import { checkOf, defineRole } from './role.ts';

/** A type that this process does not know yet may have been registered through another one. */
const UNKNOWN: ReadonlySet<string> = new Set(['EVENT_TYPE_UNKNOWN', 'SCHEMA_VERSION_UNKNOWN']);

/** What is being sent may finish, and is sent again otherwise. */
const DELIVERY_GRACE_MS = 5_000;

/** One member at a time, in the order of the log; who is behind holds nothing back for longer than a day. */
const WATCH = defineGroup({ name: 'watch', required: false, ordered: true, domains: DOMAINS });

export type WatchRoleOptions = FollowerOptions & {
  readonly producer: Pick<Producer, 'publish'>;
  readonly secrets: Readonly<Record<string, string>>;
  /** `host` or `host:port` in the own network. */
  readonly allowedTargets: readonly string[];
  readonly deliveries: DeliverySettings;
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
  const inspect = createInspection(options.now);
  /** What a watch publishes is held to what everybody else is. */
  const checked = async (envelope: Envelope): Promise<AcceptedEvent[]> => {
    const raw = JSON.stringify(envelope);
    const admitted = (): AcceptedEvent[] =>
      admit(raw, JSON.parse(raw), () => null, types.check, inspect);
    try {
      return admitted();
    } catch (error) {
      if (!(error instanceof StemmaError) || !UNKNOWN.has(error.code)) throw error;
      await types.refresh();
      return admitted();
    }
  };
  const queue = createDeliveryQueue({ redis, keys, now: options.now });
  const parts: ActionParts = {
    targets: createTargets({ allowed: options.allowedTargets }),
    secrets: createSecrets(options.secrets),
    publish: async (envelope) => {
      await publish(options.producer, await checked(envelope));
    },
    send: async (channel, message) => {
      await redis.publish(channel, message);
    },
    now: options.now,
  };
  const deliverer = startDeliverer({
    ...{ queue, now: options.now, random: Math.random },
    perform: async (delivery) => perform(delivery, parts),
    publish: async (events) => publish(options.producer, events.map(toAccepted)),
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
    publish: async (events) => publish(options.producer, events.map(toAccepted)),
    async enqueue(deliveries) {
      await queue.add(deliveries);
      if (deliveries.length > 0) deliverer.wake();
    },
  });
  let isKnown = false;
  /** The streams of what is looked at, and of what defines that. */
  let streams: ReadonlySet<string> = new Set();

  async function look(until: number, mayDefine: boolean, signal: AbortSignal): Promise<void> {
    await whenInGraph(options, until, signal);
    if (!isKnown || mayDefine) {
      await automation.refresh();
      const domains = ['config' as const, ...[...automation.types()].map(domainOf)];
      streams = new Set(domains.map(keys.stream));
      isKnown = true;
    }
    await automation.advance(until, signal);
  }

  /** However long the database or the bus is away. */
  async function lookAt(...[until, mayDefine, signal]: Parameters<typeof look>): Promise<void> {
    const work = async (): Promise<void> => look(until, mayDefine, signal);
    await persistently(work, 'gates and watches cannot be looked after', log, signal);
  }

  const concerns = (stream: string): boolean => !isKnown || streams.has(stream);
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
      const some = entries.filter(({ n, stream }) => Number.isSafeInteger(n) && concerns(stream));
      const mayDefine = some.some(({ stream }) => stream === keys.stream('config'));
      if (some.length > 0) await lookAt(Math.max(...some.map(({ n }) => n)), mayDefine, signal);
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
  events: readonly AcceptedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  for (const one of await producer.publish(events)) {
    if (one.outcome === 'failed') throw one.error;
  }
}

/** Of what gates and watches say themselves, which follows from events that were accepted. */
function toAccepted(envelope: Envelope): AcceptedEvent {
  const raw = JSON.stringify(envelope);
  const event = parseEvent(JSON.parse(raw));
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
