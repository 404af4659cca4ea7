import { describe, expect, test } from '@jest/globals';
import type { Graph } from '../../../src/graph/driver.ts';
import type { Happening } from '../../../src/graph/read/happened.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { busFamilies } from '../../../src/metrics/bus.ts';
import { measuredGraph } from '../../../src/metrics/graph.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { tally, worldFamilies } from '../../../src/metrics/world.ts';
import { samplesOf, valueIn } from '../../support/exposition.ts';
import { startHttp } from '../../support/http.ts';

const ODD = ['é', '"', '\\', '\n', '{}', ' ', '\u{1f600}', 'x'.repeat(500)];
const oddName = (at: number): string => `${ODD[at % ODD.length]}${at}`;
const HOUR = 3_600_000;

describe('what is counted', () => {
  test('100,000 odd names of operations make a hundred series, and the text stays readable', async () => {
    const metrics = createMetrics();
    for (let at = 0; at < 100_000; at += 1) {
      metrics.operated({ name: oddName(at), type: 'query', failed: false, seconds: 0.01 });
    }
    const text = await metrics.text();
    const counts = samplesOf(text).filter(({ name }) => name === 'stemma_graphql_seconds_count');
    expect(counts).toHaveLength(101);
    expect(counts.reduce((sum, { value }) => sum + value, 0)).toBe(100_000);
    expect(valueIn(text, 'stemma_graphql_seconds_count', { operation: 'other' })).toBe(99_900);
    expect(text.length).toBeLessThan(500_000);
  });

  test('batches by what became of their events, retries by their reason', async () => {
    const metrics = createMetrics();
    metrics.settled('graph', ['applied', 'applied', 'duplicate', 'dead'], 0.2);
    metrics.retried('conflict');
    const text = await metrics.text();
    const of = (name: string) => valueIn(text, name, { group: 'graph' });
    expect(of('stemma_events_ingested_total')).toBe(2);
    expect(of('stemma_events_duplicate_total')).toBe(1);
    expect(of('stemma_events_quarantined_total')).toBe(1);
    expect(of('stemma_batch_events_sum')).toBe(4);
    expect(valueIn(text, 'stemma_neo4j_retries_total', { reason: 'conflict' })).toBe(1);
    expect(valueIn(text, 'process_start_time_seconds')).toBeGreaterThan(1_700_000_000);
  });

  test('statements are told apart by their files, whatever their variant and whether they fail', async () => {
    const metrics = createMetrics();
    const deadlock = Object.assign(new Error('deadlock'), {
      code: 'Neo.TransientError.Transaction.DeadlockDetected',
    });
    const asked: Pick<Graph, 'read' | 'write'> = {
      read: async () => Promise.resolve([]),
      write: async (_name, work) => work(async () => Promise.reject(deadlock)),
    };
    const graph = measuredGraph(asked as Graph, metrics);
    const statements = loadStatements();
    await graph.read(statements.get('lookup/neighbors', 'USED', 'OUT', 'asc'), {});
    await graph.read(statements.get('lookup/neighbors', 'USED', 'IN', 'asc'), {});
    const writing = graph.write('test', async (run) => run(statements.get('lookup/rules'), {}));
    await expect(writing).rejects.toBe(deadlock);
    const text = await metrics.text();
    const of = (statement: string, outcome: string) =>
      valueIn(text, 'stemma_neo4j_statement_seconds_count', { statement, outcome });
    expect(of('lookup/neighbors', 'success')).toBe(2);
    expect(of('lookup/rules', 'failure')).toBe(1);
    expect(valueIn(text, 'stemma_neo4j_deadlocks_total')).toBe(1);
  });

  test('GET /metrics tells requests by their routes; what has no route is one of them', async () => {
    const metrics = createMetrics();
    const http = await startHttp({ metrics });
    try {
      await fetch(`${http.address}/livez`);
      for (let at = 0; at < 20; at += 1) await fetch(`${http.address}/nowhere/${at}`);
      await fetch(`${http.address}/schemas/build.completed/1.json`);
      const response = await fetch(`${http.address}/metrics`);
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      const counted = samplesOf(await response.text())
        .filter(({ name }) => name === 'stemma_http_seconds_count')
        .map(({ labels, value }) => [labels['route'], labels['status'], value]);
      expect(counted).toEqual([
        ['/livez', '200', 1],
        ['none', '404', 20],
        ['/schemas/:type/:file', '200', 1],
      ]);
    } finally {
      await http.stop();
    }
  });
});

const deployed = (n: number, changes: Partial<Happening> = {}): Happening => ({
  ...{ n, type: 'deployment.completed', at: 10 * HOUR, outcome: null },
  ...{ environment: 'production', committedAt: null },
  ...changes,
});

describe('builds and deployments', () => {
  const figures = async (happenings: readonly Happening[]): Promise<string> => {
    const metrics = createMetrics();
    const counts = tally(new Map(), happenings);
    metrics.provide(async () => Promise.resolve(worldFamilies(counts, 5_000)));
    return metrics.text();
  };

  test('lead times are a histogram whose buckets count those below as well', async () => {
    const text = await figures([
      deployed(1, { committedAt: 10 * HOUR - 60_000 }),
      deployed(2, { committedAt: 8 * HOUR }),
      deployed(3, { committedAt: -10_000 * HOUR }),
      deployed(4, { committedAt: 11 * HOUR }),
      deployed(5),
    ]);
    const labels = { environment: 'production', until: 'completed' };
    const below = (le: number | string) =>
      valueIn(text, 'stemma_lead_time_seconds_bucket', { ...labels, le: String(le) });
    expect([300, 3_600, 14_400, 2_592_000, '+Inf'].map(below)).toEqual([2, 2, 3, 3, 4]);
    expect(valueIn(text, 'stemma_lead_time_seconds_count', labels)).toBe(4);
    expect(valueIn(text, 'stemma_lead_time_seconds_sum', labels)).toBe(60 + 7_200 + 10_010 * 3_600);
    expect(valueIn(text, 'stemma_deployments_total')).toBe(5);
    expect(valueIn(text, 'stemma_counting_since_seconds')).toBe(5);
  });

  test('100,000 odd environments are fifty and the others, also where they come bit by bit', async () => {
    let counts = new Map<string, number>();
    for (let batch = 0; batch < 100; batch += 1) {
      const some = Array.from({ length: 1_000 }, (_, at) =>
        deployed(at, { environment: oddName(batch * 1_000 + at), committedAt: 0 }),
      );
      const added = tally(counts, some);
      counts = new Map([
        ...counts,
        ...[...added].map(([key, by]) => [key, (counts.get(key) ?? 0) + by] as const),
      ]);
    }
    const metrics = createMetrics();
    metrics.provide(async () => Promise.resolve(worldFamilies(counts, 0)));
    const samples = samplesOf(await metrics.text());
    const of = samples.filter(({ name }) => name === 'stemma_deployments_total');
    expect(of).toHaveLength(51);
    expect(of.reduce((sum, { value }) => sum + value, 0)).toBe(100_000);
  });

  test('a build whose outcome nobody told, and outcomes beyond twenty words', async () => {
    const build = (outcome: string | null): Happening =>
      deployed(1, { type: 'build.completed', environment: null, outcome });
    const words = Array.from({ length: 30 }, (_, at) => build(`word ${at}`));
    const text = await figures([build(null), build('success'), ...words]);
    expect(valueIn(text, 'stemma_builds_total', { outcome: 'unknown' })).toBe(1);
    expect(valueIn(text, 'stemma_builds_total', { outcome: 'success' })).toBe(1);
    expect(valueIn(text, 'stemma_builds_total', { outcome: 'other' })).toBe(12);
  });
});

describe('the bus', () => {
  test('that does not answer is told to be down, and nothing else is told of it', () => {
    expect(busFamilies(null, 0)).toMatchObject([{ name: 'stemma_bus_up', values: [{ value: 0 }] }]);
  });

  test('a thousand groups are fifty', () => {
    const group = { position: 9, through: 4, waiting: 2, waitingSince: 1_000, lost: 1, noted: 0 };
    const groups = Array.from({ length: 1_000 }, (_, at) => ({ ...group, group: `g${at}` }));
    const facts = groups.map(({ group: name }) => ({ name, pending: 3, lastDeliveredId: '0-1' }));
    const streams = [{ stream: '{t}:events:build', entries: 7, groups: facts }];
    const families = busFamilies({ streams, groups, deadLetters: 0 }, 61_000);
    const of = (name: string) => families.find((one) => one.name === name)?.values ?? [];
    expect(of('stemma_pel_size')).toHaveLength(50);
    expect(of('stemma_pel_size')[0]).toEqual({
      labels: { stream: 'build', group: 'g0' },
      value: 3,
    });
    expect(of('stemma_oldest_pending_seconds')[0]).toMatchObject({ value: 60 });
    expect(of('stemma_stream_head_minus_applied_seq')).toHaveLength(50);
    expect(of('stemma_stream_head_minus_applied_seq')[0]).toMatchObject({ value: 5 });
    expect(of('stemma_log_size')[0]).toEqual({ labels: { stream: 'build' }, value: 7 });
  });
});
