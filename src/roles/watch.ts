import { createGates } from '../automation/gates.ts';
import { defineGroup, startGroup } from '../bus/group/group.ts';
import type { Consumer } from '../bus/group/member.ts';
import { createProducer, type Producer } from '../bus/log/producer.ts';
import { frontierOf } from '../bus/log/lag.ts';
import { createGateReader } from '../graph/read/gates.ts';
import { createGateStore } from '../graph/write/gates.ts';
import { contentHash, parseEvent, type Envelope } from '../model/event.ts';
import { DOMAINS } from '../model/events/catalogue.ts';
import type { AcceptedEvent } from '../model/receipt.ts';
import { GRAPH } from './graph.ts';
import { persistently, whenInGraph } from './in-graph.ts';
import { measuredBatches } from './measured.ts';
import { checkOf, defineRole, type RoleParts } from './role.ts';

/** One member at a time, in the order of the log; who is behind holds nothing back for longer than a day. */
const WATCH = defineGroup({ name: 'watch', required: false, ordered: true, domains: DOMAINS });

export type WatchRoleOptions = Pick<
  RoleParts,
  'redis' | 'keys' | 'graph' | 'statements' | 'greatestPosition' | 'metrics' | 'now' | 'log'
> & {
  readonly connectReader: Parameters<typeof startGroup>[1]['connectReader'];
  readonly producer: Pick<Producer, 'publish'>;
  readonly batchSize?: number;
  readonly heartbeatMs?: number;
};

/**
 * Lets gates speak. The events of its group say how far to look; what is looked at is read from the log in the graph, so that neither
 * duplicates nor dead letters count, and what was replayed does.
 */
export async function startWatchRole(options: WatchRoleOptions): Promise<Consumer> {
  const { redis, keys, graph, statements, metrics, log } = options;
  const reader = createGateReader(graph, statements);
  const gates = createGates({
    statements: async () => reader.gateStatements(),
    progress: async (ids) => reader.gateProgress(ids),
    store: createGateStore(graph, statements),
    publish: async (events) => publish(options.producer, events),
    onInvalid(gate, err) {
      log.warn({ gate, err }, 'a gate is not valid, and waits for nothing');
    },
  });
  let isKnown = false;

  async function look(until: number, mayDefine: boolean, signal: AbortSignal): Promise<void> {
    if (isKnown && !mayDefine && gates.isIdle()) return;
    await whenInGraph(options, until, signal);
    if (!isKnown || mayDefine) await gates.refresh();
    isKnown = true;
    await gates.advance(until, signal);
  }

  /** However long the database or the bus is away. */
  async function lookAt(...[until, mayDefine, signal]: Parameters<typeof look>): Promise<void> {
    const work = async (): Promise<void> => look(until, mayDefine, signal);
    await persistently(work, 'gates cannot be looked after', log, signal);
  }

  const starting = new AbortController();
  const started = frontierOf(redis, keys, GRAPH.name)
    .then(async (until) => lookAt(until, true, starting.signal))
    .catch((error: unknown) => {
      if (!starting.signal.aborted) log.error({ err: error }, 'gates cannot be looked after');
    });
  const consumer = await startGroup(WATCH, {
    ...options,
    process: measuredBatches(WATCH.name, metrics, async (entries, signal) => {
      await started;
      const positions = entries.map(({ n }) => n).filter(Number.isSafeInteger);
      const mayDefine = entries.some(({ text }) => text.includes('"gate.'));
      if (positions.length > 0) await lookAt(Math.max(...positions), mayDefine, signal);
      return entries.map(() => ({ kind: 'applied' }));
    }),
  });
  return {
    ...consumer,
    // a batch that is left pending is looked at again: there is nothing to finish
    async stop(graceMs = 0) {
      starting.abort();
      await consumer.stop(graceMs);
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
