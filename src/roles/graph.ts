import { createApplier } from '../apply/applier.ts';
import { assertedBy } from '../apply/decode.ts';
import { DEAD_LETTER_LIMITS, type DeadLetterLimits } from '../bus/letters/archive.ts';
import { capabilitiesOf, requireSafe } from '../bus/log/capabilities.ts';
import type { Consumer } from '../bus/group/member.ts';
import { defineGroup, startGroup, type GroupOptions } from '../bus/group/group.ts';
import { createDeadLetterArchive } from '../graph/write/dead-letters.ts';
import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { compilePlans } from '../graph/write/plans.ts';
import { createWriter } from '../graph/write/writer.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { DOMAINS } from '../model/events/catalogue.ts';
import { measuredBatches } from './measured.ts';
import { checkOf, defineRole } from './role.ts';

/** The writers of the graph, and of the log in it; receipts say APPLIED when this group has an event. */
export const GRAPH = defineGroup({
  ...{ name: 'graph', required: true, ordered: false, writesLog: true, domains: DOMAINS },
  // each may write a whole document: few at a time, so that they neither fill the memory nor make the small ones wait
  apart: { domains: ['document'], batchSize: 16 },
});

export type GraphRoleOptions = Omit<GroupOptions, 'process' | 'deadLetters'> & {
  readonly graph: Graph;
  readonly statements: Statements;
  readonly maxAttempts?: number;
  /** Left out: nothing is counted. */
  readonly metrics?: Metrics;
  /** Whether the database compiles its plans before the first event is taken. */
  readonly compilePlans?: boolean;
  /** How many dead letters stay on the bus; the rest is archived in the database. */
  readonly deadLetterLimits?: DeadLetterLimits;
};

/**
 * The graph writer: takes events from the bus and writes what they say to Neo4j.
 *
 * @throws StemmaError STREAM_MISSING where Redis has lost streams that were there before, CONFIGURATION_INVALID where it would
 *   evict events, CONSUMER_NAME_IN_USE
 */
export async function startGraphRole(options: GraphRoleOptions): Promise<Consumer> {
  const { graph, statements, log, maxAttempts, metrics } = options;
  requireSafe(await capabilitiesOf(options.redis, options.keys));
  if (options.compilePlans === true) await prepare(options);
  const writer = createWriter({ graph, statements, assertedBy });
  const applier = createApplier({
    ...{ writer, log },
    ...(metrics === undefined
      ? {}
      : {
          onFailed: (kind) => {
            metrics.retried(kind);
          },
        }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
  });
  return startGroup(GRAPH, {
    ...options,
    deadLetters: {
      archive: createDeadLetterArchive(graph, statements, options.keys.dead),
      limits: options.deadLetterLimits ?? DEAD_LETTER_LIMITS,
    },
    process: measuredBatches(GRAPH.name, metrics, async (...batch) => applier.apply(...batch)),
  });
}

/** Where it fails, the first events wait for their plans, as without it. */
async function prepare({ graph, statements, log, now }: GraphRoleOptions): Promise<void> {
  const start = now();
  try {
    await compilePlans(graph, statements);
    log.info({ ms: now() - start }, 'plans are compiled');
  } catch (error) {
    log.warn({ err: error }, 'plans are not compiled');
  }
}

export const role = defineRole({
  name: 'graph',
  async start({ settings, connect, ...parts }) {
    const consumer = await startGraphRole({
      ...parts,
      connectReader: () => connect('reader', { failFast: false }),
      domains: settings.STEMMA_DOMAINS,
      batchSize: settings.STEMMA_BATCH_SIZE,
      maxInFlight: settings.STEMMA_IN_FLIGHT,
      maxAttempts: settings.STEMMA_MAX_ATTEMPTS,
      compilePlans: true,
      claimIdleMs: settings.STEMMA_CLAIM_IDLE_MS,
      heartbeatMs: settings.STEMMA_HEARTBEAT_MS,
      deadLetterLimits: {
        letters: settings.STEMMA_DEAD_LETTERS,
        bytes: settings.STEMMA_DEAD_LETTER_BYTES,
      },
    });
    return {
      checks: () => [checkOf('graph-writer', consumer)],
      failed: consumer.failed,
      stop: async () => consumer.stop(),
    };
  },
});
