import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { createApplier } from '../apply/applier.ts';
import { decodeEntry } from '../apply/decode.ts';
import { createConsumer, type Consumer } from '../bus/consumer.ts';
import { ensureGroup, registeredStreams, registerStreams } from '../bus/groups.ts';
import type { BusKeys } from '../bus/keys.ts';
import type { Domain } from '../model/events/catalogue.ts';
import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { createWriter } from '../graph/writer.ts';
import type { Log } from '../telemetry.ts';

export const GRAPH_GROUP = 'graph';

export type GraphRoleOptions = {
  readonly redis: Redis;
  readonly connectReader: () => Redis;
  readonly keys: BusKeys;
  readonly graph: Graph;
  readonly statements: Statements;
  readonly domains: readonly Domain[];
  readonly name?: string;
  readonly batchSize?: number;
  readonly maxInFlight?: number;
  readonly maxAttempts?: number;
  readonly claimIdleMs?: number;
  readonly heartbeatMs?: number;
  /** Read what is left from the beginning where streams have vanished. */
  readonly recreate?: boolean;
  /** The greatest log number in the graph. */
  readonly greatestPosition: number;
  readonly onLost?: (count: number) => void;
  readonly now: () => number;
  readonly log: Log;
};

/**
 * The graph writer: takes events from the bus and writes what they say to Neo4j.
 *
 * @throws StemmaError STREAM_MISSING where Redis has lost streams that were there before
 */
export async function startGraphRole(options: GraphRoleOptions): Promise<Consumer> {
  const { redis, keys, graph, statements, log } = options;
  const streams = options.domains.map(keys.stream);
  const registered = await registeredStreams(redis, keys, GRAPH_GROUP);
  for (const stream of streams) {
    const expectExisting =
      registered.has(stream) || (registered.size === 0 && options.greatestPosition > 0);
    await ensureGroup(redis, stream, GRAPH_GROUP, {
      expectExisting,
      recreate: options.recreate ?? false,
    });
  }
  await registerStreams(redis, keys, GRAPH_GROUP, streams);

  const writer = createWriter({ graph, statements, assertedBy });
  const applier = createApplier({
    writer,
    log,
    ...(options.maxAttempts === undefined ? {} : { maxAttempts: options.maxAttempts }),
  });
  const consumer = createConsumer({
    redis,
    connectReader: options.connectReader,
    keys,
    group: GRAPH_GROUP,
    name: options.name ?? uniqueName(),
    streams,
    process: (entries, signal, forgive) => applier.apply(entries, signal, forgive),
    onLost(entries) {
      log.error({ entries: entries.map(({ id, stream }) => `${stream} ${id}`) }, 'EVENT_LOST');
      options.onLost?.(entries.length);
    },
    now: options.now,
    log,
    ...(options.batchSize === undefined ? {} : { batchSize: options.batchSize }),
    ...(options.maxInFlight === undefined ? {} : { maxInFlight: options.maxInFlight }),
    ...(options.claimIdleMs === undefined ? {} : { claimIdleMs: options.claimIdleMs }),
    ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
  });
  consumer.start();
  return consumer;
}

function assertedBy(body: string, acceptedAt: number) {
  // the log number has no part in what an event says
  const { changes } = decodeEntry({ text: body, n: 0, acceptedAt, contentHash: null });
  return { claim: changes.claim, edges: changes.edges };
}

/** No two processes share a name, so a restarted one never takes its predecessor's entries for its own. */
function uniqueName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}
