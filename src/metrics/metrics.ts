import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { toMetric, type Family } from './families.ts';
import { createNames } from './names.ts';

/** What a process counts from its start on, and what its roles add, for Prometheus. Every label has a bounded number of values. */
export interface Metrics {
  /** An answer to a request; `route` as it was defined, null where there is none. */
  answered(request: {
    readonly method: string;
    readonly route: string | null;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** An operation was executed; of a subscription, each of its items. */
  operated(operation: {
    readonly name: string | null;
    readonly type: string;
    readonly failed: boolean;
    readonly seconds: number;
  }): void;
  /** In points, before an operation is executed or refused. */
  cost(name: string | null, points: number): void;
  /** A statement of `cypher/`, by its file; null where it is none of these. */
  asked(file: string | null, failed: boolean, seconds: number): void;
  deadlocked(): void;
  /** A transaction is tried again, or its events are; `reason` as src/graph/classify.ts has it. */
  retried(reason: string): void;
  /** A batch of a consumer group was settled. */
  settled(group: string, kinds: readonly Settled[], seconds: number): void;
  /** A subscription was ended since it was too slow. */
  dropped(): void;
  /** How many there are, asked whenever somebody looks. */
  openSubscriptions(count: () => number): void;
  openSockets(count: () => number): void;
  /** Figures that are kept elsewhere; whoever gives them sees to it that they come soon and never reject. */
  provide(source: () => Promise<readonly Family[]>): void;
  readonly contentType: string;
  text(): Promise<string>;
}

type Settled = 'applied' | 'duplicate' | 'dead';

/** Operations that clients name. */
const MAX_OPERATIONS = 100;
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const sources: (() => Promise<readonly Family[]>)[] = [];
  const operations = createNames(MAX_OPERATIONS);
  const nameOf = (name: string | null): string => operations(name ?? 'anonymous');
  const histogram = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) => (count: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(count());
      },
    });
  collectDefaultMetrics({ register: registry });

  const http = histogram(
    'stemma_http_seconds',
    'Time until a request was answered',
    ...(['method', 'route', 'status'] as const),
  );
  const graphql = histogram(
    'stemma_graphql_seconds',
    'Time that an operation took, by the name that the client gave it',
    ...(['operation', 'type', 'outcome'] as const),
  );
  const cost = new Histogram({
    name: 'stemma_query_cost',
    help: 'Points that an operation costs, also where it was refused',
    labelNames: ['operation'],
    buckets: [1, 10, 100, 1_000, 10_000, 100_000],
    registers,
  });
  const statement = histogram(
    'stemma_neo4j_statement_seconds',
    'Time that a statement took, by its file in cypher/',
    ...(['statement', 'outcome'] as const),
  );
  const deadlocks = counter('stemma_neo4j_deadlocks_total', 'Transactions that Neo4j ended');
  const retries = counter('stemma_neo4j_retries_total', 'Writes that were tried again', 'reason');
  const batch = new Histogram({
    name: 'stemma_batch_events',
    help: 'Events in a batch of a consumer group',
    labelNames: ['group'],
    buckets: [1, 10, 50, 100, 500, 1_000, 5_000],
    registers,
  });
  const apply = histogram('stemma_apply_seconds', 'Time until a batch was settled', 'group');
  const events = {
    applied: counter('stemma_events_ingested_total', 'Events that were applied', 'group'),
    duplicate: counter('stemma_events_duplicate_total', 'Events that had come before', 'group'),
    dead: counter('stemma_events_quarantined_total', 'Events that became dead letters', 'group'),
  };
  const dropped = counter('stemma_clients_dropped_total', 'Subscriptions that were too slow');

  return {
    answered({ method, route, status, seconds }) {
      http.observe({ method, route: route ?? 'none', status }, seconds);
    },
    operated({ name, type, failed, seconds }) {
      graphql.observe({ operation: nameOf(name), type, outcome: outcomeOf(failed) }, seconds);
    },
    cost(name, points) {
      cost.observe({ operation: nameOf(name) }, points);
    },
    asked(file, failed, seconds) {
      statement.observe({ statement: file ?? 'none', outcome: outcomeOf(failed) }, seconds);
    },
    deadlocked() {
      deadlocks.inc();
    },
    retried(reason) {
      retries.inc({ reason });
    },
    settled(group, kinds, seconds) {
      batch.observe({ group }, kinds.length);
      apply.observe({ group }, seconds);
      for (const [kind, count] of Object.entries(Object.groupBy(kinds, (one) => one))) {
        events[kind as Settled].inc({ group }, count.length);
      }
    },
    dropped() {
      dropped.inc();
    },
    openSubscriptions: gauge('stemma_subscriptions_open', 'Subscriptions, over both transports'),
    openSockets: gauge('stemma_ws_clients', 'WebSockets that are open'),
    provide(source) {
      sources.push(source);
    },
    contentType: registry.contentType,
    async text() {
      const provided = new Registry();
      for (const families of await Promise.all(sources.map((source) => source()))) {
        for (const family of families) provided.registerMetric(toMetric(family));
      }
      return Registry.merge([registry, provided]).metrics();
    },
  };
}

function outcomeOf(failed: boolean): 'failure' | 'success' {
  return failed ? 'failure' : 'success';
}

/** Seconds since it was called. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1_000;
}
