import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { createApplier } from '../apply/applier.ts';
import { assertedBy } from '../apply/decode.ts';
import { DEAD_LETTER_LIMITS, type DeadLetterLimits } from '../bus/archive.ts';
import { capabilitiesOf, requireSafe } from '../bus/capabilities.ts';
import { combineConsumers } from '../bus/combined.ts';
import { createConsumer, type Consumer } from '../bus/consumer.ts';
import { ensureGroup, registeredStreams, registerStreams } from '../bus/groups.ts';
import type { BusKeys } from '../bus/keys.ts';
import { startMaintenance } from '../bus/maintenance.ts';
import { repairCounter } from '../bus/repair.ts';
import type { Domain } from '../model/events/catalogue.ts';
import { createDeadLetterArchive } from '../graph/dead-letters.ts';
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
  readonly claimEveryMs?: number;
  readonly heartbeatMs?: number;
  /** How often streams are trimmed and lost events are looked for. */
  readonly maintenanceMs?: number;
  /** How many dead letters stay on the bus; the rest is archived in the database. */
  readonly deadLetterLimits?: DeadLetterLimits;
  /** Read what is left from the beginning where streams have vanished, and mend the counter of log numbers. */
  readonly recreate?: boolean;
  /** The greatest log number in the graph. */
  readonly greatestPosition: number;
  readonly onLost?: (count: number) => void;
  readonly now: () => number;
  readonly log: Log;
};

/**
 * Events of this domain are large, and each may write a whole document: few at a time, by a consumer of their own, so that they
 * neither fill the memory nor make the small ones wait.
 */
const LARGE_DOMAIN: Domain = 'document';
const LARGE_BATCH = 16;

/**
 * The graph writer: takes events from the bus and writes what they say to Neo4j.
 *
 * @throws StemmaError STREAM_MISSING where Redis has lost streams that were there before, CONFIGURATION_INVALID where it would
 *   evict events, CONSUMER_NAME_IN_USE
 */
export async function startGraphRole(options: GraphRoleOptions): Promise<Consumer> {
  const { redis, keys, graph, statements, log, now } = options;
  requireSafe(await capabilitiesOf(redis));
  await ensureGroups(options);

  const writer = createWriter({ graph, statements, assertedBy });
  const applier = createApplier({ writer, log, ...given({ maxAttempts: options.maxAttempts }) });
  const name = options.name ?? uniqueName();
  const consume = (domains: readonly Domain[], suffix: string, batchSize?: number): Consumer =>
    createConsumer({
      ...{ redis, connectReader: options.connectReader, keys, now, log },
      group: GRAPH_GROUP,
      name: `${name}${suffix}`,
      streams: domains.map(keys.stream),
      process: (entries, signal, attempts) => applier.apply(entries, signal, attempts),
      onLost(entries) {
        log.error({ entries: entries.map(({ id, stream }) => `${stream} ${id}`) }, 'EVENT_LOST');
      },
      ...given({
        batchSize: batchSize ?? options.batchSize,
        maxInFlight: options.maxInFlight,
        claimIdleMs: options.claimIdleMs,
        claimEveryMs: options.claimEveryMs,
        heartbeatMs: options.heartbeatMs,
      }),
    });
  const small = options.domains.filter((domain) => domain !== LARGE_DOMAIN);
  const large = options.domains.filter((domain) => domain === LARGE_DOMAIN);
  const consumers = [
    ...(small.length === 0 ? [] : [consume(small, '')]),
    ...(large.length === 0 ? [] : [consume(large, '-documents', LARGE_BATCH)]),
  ];
  const role = combineConsumers(consumers);
  await role.start();
  const maintenance = startMaintenance({
    ...{ redis, keys, group: GRAPH_GROUP, now, log, ...given({ everyMs: options.maintenanceMs }) },
    deadLetters: {
      archive: createDeadLetterArchive(graph, statements, keys.dead),
      limits: options.deadLetterLimits ?? DEAD_LETTER_LIMITS,
    },
    onGaps(gaps) {
      options.onLost?.(gaps.reduce((count, { from, to }) => count + to - from + 1, 0));
    },
  });
  return {
    ...role,
    async stop(graceMs) {
      await Promise.all([maintenance.stop(), role.stop(graceMs)]);
    },
  };
}

async function ensureGroups(options: GraphRoleOptions): Promise<void> {
  const { redis, keys, greatestPosition, recreate = false } = options;
  const streams = options.domains.map(keys.stream);
  const registered = await registeredStreams(redis, keys, GRAPH_GROUP);
  for (const stream of streams) {
    const expectExisting =
      registered.has(stream) || (registered.size === 0 && greatestPosition > 0);
    await ensureGroup(redis, stream, GRAPH_GROUP, { expectExisting, recreate });
  }
  const added = streams.filter((stream) => !registered.has(stream));
  if (added.length > 0) await registerStreams(redis, keys, GRAPH_GROUP, added);
  if (recreate) {
    await repairCounter(redis, keys, {
      ...{ group: GRAPH_GROUP, floor: greatestPosition, now: options.now() },
    });
  }
}

/** Without what is undefined: exact optional properties are left out instead. */
function given<T extends object>(properties: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> }; // the same properties, less some
}

/** No two processes share a name, so a restarted one never takes its predecessor's entries for its own. */
function uniqueName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}
