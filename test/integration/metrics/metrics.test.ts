import { afterEach, expect, test } from '@jest/globals';
import { connectRedis, whenConnected } from '../../../src/bus/redis.ts';
import type { Consumer } from '../../../src/bus/group/member.ts';
import { createMetrics, type Metrics } from '../../../src/metrics/metrics.ts';
import { startMetricsRole } from '../../../src/roles/metrics.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { event, hex } from '../../support/events.ts';
import { valueIn } from '../../support/exposition.ts';
import { EVENTS, startLive, subscribed, type LiveWorld } from '../../support/live.ts';
import { until } from '../../support/until.ts';

const SOURCE = 'https://ci.example/metrics';
const ENVIRONMENT = 'metrics-production';

let world: LiveWorld;
const roles = new Set<Consumer>();
afterEach(async () => {
  await Promise.all([...roles].map(async (role) => role.stop()));
  roles.clear();
  await world.stop();
});

async function startRole(metrics: Metrics = createMetrics()) {
  const { redis, keys, graph, statements, servers } = world.pipeline;
  const connect = (name: string) =>
    connectRedis({ url: servers.redisUrl, name, failFast: false, onError: () => undefined });
  const role = await startMetricsRole({
    ...{ redis, keys, graph, statements, metrics, now: Date.now, log: SILENT },
    ...{ connectReader: () => connect('metrics-reader'), heartbeatMs: 300 },
    greatestPosition: world.floor,
  });
  roles.add(role);
  return { role, metrics };
}

const deployments = (text: string, outcome: string) =>
  valueIn(text, 'stemma_deployments_total', { environment: ENVIRONMENT, outcome });
const builds = (text: string, outcome: string) => valueIn(text, 'stemma_builds_total', { outcome });

/** A commit, a build of it, and its deployment two hours after the commit. */
function release(name: string) {
  const id = `${world.floor}-${name}`;
  const commit = hex(id, 40);
  const digest = `sha256:${hex(id)}`;
  const deployment = `${SOURCE}/deployments/${id}`;
  const at = (type: string, time: string, data: Record<string, unknown>) =>
    event(type, data, { id: `${id}-${type}`, source: SOURCE, time: `2026-11-22T${time}:00Z` });
  return [
    at('source.commit.created', '10:00', { commit, committedAt: '2026-11-22T10:00:00Z' }),
    at('build.completed', '10:30', {
      ...{ build: `${SOURCE}/${id}`, commit, repository: SOURCE },
      ...{ outcome: 'success', artifacts: [{ digest }] },
    }),
    at('deployment.created', '11:00', {
      ...{ deployment, environment: ENVIRONMENT, service: id, artifacts: [digest] },
    }),
    at('deployment.completed', '12:00', { deployment }),
  ];
}

test('what happened is counted once: over duplicates, restarts and whoever counts next, and only where it was applied', async () => {
  world = await startLive();
  const first = await startRole();
  const events = release('one');
  await world.pipeline.publish(events);
  await until(async () => deployments(await first.metrics.text(), 'completed') === 1, 30_000);
  // not by way of the producer, which knows what it has published
  const { keys } = world.pipeline;
  const again = { n: await world.pipeline.redis.incr(keys.counter), acceptedAt: Date.now() };
  await world.pipeline.append(keys.stream('build'), { ...again, e: JSON.stringify(events[1]) });
  const other = await startRole();
  await first.role.stop();

  await world.pipeline.publish(release('two'));
  await until(async () => deployments(await other.metrics.text(), 'completed') === 2, 30_000);
  const text = await other.metrics.text();
  expect(builds(text, 'success')).toBe(2);
  expect(deployments(text, 'created')).toBe(2);
  const lead = { environment: ENVIRONMENT, until: 'completed' };
  expect(valueIn(text, 'stemma_lead_time_seconds_count', lead)).toBe(2);
  expect(valueIn(text, 'stemma_lead_time_seconds_sum', lead)).toBe(2 * 7_200);
  const since = valueIn(text, 'stemma_counting_since_seconds')!;
  expect(Math.abs(Date.now() / 1_000 - since)).toBeLessThan(120);
  await until(
    async () =>
      valueIn(await other.metrics.text(), 'stemma_events_waiting', { group: 'metrics' }) === 0,
    30_000,
  );
}, 120_000);

test('nothing is counted before it is in the graph; how far the writers are behind is told meanwhile', async () => {
  world = await startLive({ isHeld: true });
  const { metrics } = await startRole();
  await world.pipeline.publish(release('held'));
  const head = async () =>
    valueIn(await metrics.text(), 'stemma_stream_head_minus_applied_seq', { group: 'graph' });
  await until(async () => (await head()) === 4, 30_000);
  const text = await metrics.text();
  expect(builds(text, 'success')).toBeUndefined();
  expect(valueIn(text, 'stemma_events_waiting', { group: 'graph' })).toBe(4);
  expect(valueIn(text, 'stemma_log_size', { stream: 'deployment' })).toBe(2);
  await world.pipeline.startWriter({ metrics });
  await until(async () => builds(await metrics.text(), 'success') === 1, 30_000);
  expect(valueIn(await metrics.text(), 'stemma_events_ingested_total', { group: 'graph' })).toBe(4);
}, 120_000);

test('where Redis does not answer, figures come all the same, and say so', async () => {
  world = await startLive();
  const { servers, keys, graph, statements } = world.pipeline;
  const redis = connectRedis({
    ...{ url: servers.redisUrl, name: 'metrics', failFast: true, onError: () => undefined },
  });
  await whenConnected(redis);
  const metrics = createMetrics();
  const role = await startMetricsRole({
    ...{ redis, keys, graph, statements, metrics, now: Date.now, log: SILENT },
    connectReader: () =>
      connectRedis({
        url: servers.redisUrl,
        name: 'reader',
        failFast: false,
        onError: () => undefined,
      }),
    greatestPosition: world.floor,
  });
  expect(valueIn(await metrics.text(), 'stemma_bus_up')).toBe(1);
  await role.stop();
  redis.disconnect();
  const text = await metrics.text();
  expect(valueIn(text, 'stemma_bus_up')).toBe(0);
  expect(valueIn(text, 'stemma_dead_letters')).toBeUndefined();
  expect(valueIn(text, 'process_start_time_seconds')).toBeGreaterThan(0);
}, 60_000);

test('an API counts operations with their cost, subscriptions and sockets', async () => {
  world = await startLive();
  const metrics = createMetrics();
  const { address } = await world.pipeline.startApi({ metrics });
  const ask = async (query: string): Promise<Response> =>
    fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  await ask('query Counted { events(first: 5) { nodes { eventId } } }');
  await ask('query Counted { node(id: "no id") { id } }');
  const items = subscribed(address, 'ws', EVENTS);
  await items.next();
  const text = await (await fetch(`${address}/metrics`)).text();
  const counted = (outcome: string) =>
    valueIn(text, 'stemma_graphql_seconds_count', { operation: 'Counted', outcome });
  expect([counted('success'), counted('failure')]).toEqual([1, 1]);
  expect(valueIn(text, 'stemma_query_cost_count', { operation: 'Counted' })).toBe(2);
  expect(valueIn(text, 'stemma_subscriptions_open')).toBe(1);
  expect(valueIn(text, 'stemma_ws_clients')).toBe(1);
  await items.return();
}, 60_000);
