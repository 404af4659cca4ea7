import { definitionEffectProblems } from '../automation/definition-effect.ts';
import type { Redis } from '../bus/redis.ts';
import type { BusKeys } from '../bus/keys.ts';
import { whenConnected } from '../bus/redis.ts';
import { createProducer, type Producer } from '../bus/log/producer.ts';
import { MAX_DOCUMENT_BYTES } from '../documents/parts.ts';
import { FOREIGN_TYPE_PREFIXES, mapForeign } from '../foreign/foreign.ts';
import { createCustomTypes } from '../intake/custom-types.ts';
import { createIntake } from '../intake/intake.ts';
import { createSchemas } from '../intake/schemas.ts';
import { createDeadLetterArchive } from '../graph/write/dead-letters.ts';
import type { Graph } from '../graph/driver.ts';
import { createReader } from '../graph/read/reader.ts';
import type { Statements } from '../graph/statement.ts';
import { sendBytes } from '../graphql/documents.ts';
import { createGraphql } from '../graphql/server.ts';
import { withdrawalOf } from '../model/effect.ts';
import { createBomLinks } from '../history/bom-links.ts';
import { createHistory } from '../history/history.ts';
import type { CorsOptions } from '../http/cors.ts';
import { createHttp, type HttpServer } from '../http/server.ts';
import type { Readiness } from '../http/state.ts';
import type { WatchOptions } from '../live/feed.ts';
import type { Live } from '../live/live.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../telemetry.ts';
import { createBusState } from './bus-state.ts';
import { createDeadLetterStore } from './dead-letters.ts';
import { GRAPH } from './graph.ts';
import { createInspection, documentComplaints } from './inspection.ts';
import { createLineageStream } from './lineage-stream.ts';
import { createLiveEvents, LIVE_SETTINGS, type LiveSettings } from './live.ts';
import { createPublisher } from './publisher.ts';
import { defineRole } from './role.ts';
import { createDocumentSubmission } from './submission.ts';

export type ApiRoleOptions = {
  /** A connection of its own for the reports of the writers. */
  readonly subscriber: Redis;
  /** A further connection, for blocking reads. */
  readonly connectReader: () => Redis;
  /** Left out: as by default. */
  readonly live?: LiveSettings;
  readonly keys: BusKeys;
  readonly producer: Producer;
  /** For questions about the bus; may be shared. */
  readonly redis: Redis;
  readonly graph: Graph;
  readonly statements: Statements;
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  /** Left out: web pages of other origins may not use the service. */
  readonly cors?: CorsOptions;
  /** The largest document that `submitDocument` takes; left out: 32 MiB. */
  readonly maxDocumentBytes?: number;
  /** Signs cursors: the same in every process of an installation. */
  readonly cursorSecret: string;
  readonly readiness: () => Promise<Readiness>;
  readonly now: () => number;
  /** Left out: nothing is counted. */
  readonly metrics?: Metrics;
  readonly log: Log;
};

export interface ApiRole {
  readonly address: string;
  stop(): Promise<void>;
}

/** The edge and the questions: HTTP and GraphQL in front of the bus and the graph. */
export async function startApiRole(options: ApiRoleOptions): Promise<ApiRole> {
  const { graph, statements, producer, now, log, metrics } = options;
  const counting = metrics === undefined ? {} : { metrics };
  const archive = createDeadLetterArchive(graph, statements, options.keys.dead);
  const bus = { redis: options.redis, keys: options.keys, group: GRAPH.name, archive };
  const publisher = await createPublisher({
    ...{ producer, bus, subscriber: options.subscriber, now },
  });
  const reader = createReader(graph, statements);
  const customTypes = createCustomTypes({
    load: async () => (await reader.typeStatements()).map(({ body }) => body),
    foreignPrefixes: FOREIGN_TYPE_PREFIXES,
    now,
  });
  const intake = createIntake({
    publisher,
    mapForeign,
    customTypes,
    inspect: createInspection(now),
    complaints: async (event) => [
      ...(await documentComplaints(event)),
      ...(await definitionEffectProblems(event.body, reader)),
    ],
    lookBack: async ({ body }) => {
      const withdrawal = withdrawalOf(body);
      return withdrawal === null ? [] : reader.notFound(withdrawal);
    },
    log,
    now,
  });
  const submitDocument = createDocumentSubmission(intake, options.maxDocumentBytes);
  const live = counted(
    createLiveEvents({ ...options, archive, settings: options.live ?? LIVE_SETTINGS }),
    metrics,
  );
  const graphql = await createGraphql({
    ...{ reader, live },
    ...counting,
    history: createHistory(graph, statements),
    links: createBomLinks(graph, statements),
    intake,
    submitDocument,
    cursorSecret: options.cursorSecret,
    now,
    busState: createBusState(options.redis, options.keys, now),
    deadLetters: createDeadLetterStore(bus, () => producer.position(), now),
    log,
  });
  let http: HttpServer;
  try {
    http = await createHttp({
      ...counting,
      host: options.host,
      port: options.port,
      allowedHosts: options.allowedHosts,
      ...(options.cors === undefined ? {} : { cors: options.cors }),
      intake,
      graphql,
      documents: {
        maxBytes: options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
        submit: async ({ bytes, source = 'urn:stemma:http', ...stated }, wait) =>
          sendBytes({ intake, submitDocument }, bytes, { source, ...stated }, wait),
      },
      lineage: createLineageStream({ graph, statements, reader, now, log }),
      readiness: options.readiness,
      schemas: createSchemas(),
      log,
    });
  } catch (error) {
    await Promise.allSettled([graphql.stop(), publisher.stop()]);
    throw error;
  }
  return {
    address: http.address,
    async stop() {
      await live.stop();
      await http.stop();
      await Promise.allSettled([graphql.stop(), publisher.stop()]);
    },
  };
}

export const role = defineRole({
  name: 'api',
  async start({ settings, connect, ...parts }) {
    const { keys, now, greatestPosition, greatestKnown } = parts;
    const { STEMMA_FSYNC_TIMEOUT_MS: fsyncTimeoutMs } = settings;
    const subscriber = connect('applied', { failFast: false });
    await whenConnected(subscriber);
    return startApiRole({
      ...parts,
      subscriber,
      connectReader: () => connect('live-reader', { failFast: false }),
      live: {
        queue: settings.STEMMA_LIVE_QUEUE,
        heartbeatMs: settings.STEMMA_LIVE_HEARTBEAT_MS,
        subscriptions: settings.STEMMA_LIVE_SUBSCRIPTIONS,
      },
      producer: createProducer({
        ...{ redis: connect('producer'), keys, now, floor: greatestPosition, greatestKnown },
        ...(fsyncTimeoutMs === undefined ? {} : { fsyncTimeoutMs }),
      }),
      host: settings.STEMMA_HOST,
      port: settings.STEMMA_PORT,
      allowedHosts: settings.STEMMA_ALLOWED_HOSTS,
      maxDocumentBytes: settings.STEMMA_MAX_DOCUMENT_BYTES,
    });
  },
});

function counted(live: Live, metrics: Metrics | undefined): Live {
  if (metrics === undefined) return live;
  metrics.openSubscriptions(() => live.watching());
  const counting = (options: WatchOptions): WatchOptions => ({
    ...options,
    onDropped(error) {
      metrics.dropped();
      options.onDropped(error);
    },
  });
  return {
    ...live,
    watch: (stage, filter, options) => live.watch(stage, filter, counting(options)),
    watchDeadLetters: (options) => live.watchDeadLetters(counting(options)),
  };
}
