import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import neo4j from 'neo4j-driver';
import { createDeliveryQueue } from '../../../src/bus/deliveries.ts';
import { busKeys } from '../../../src/bus/keys.ts';
import { connectRedis } from '../../../src/bus/redis.ts';
import type { Delivery } from '../../../src/model/deliveries.ts';
import { startAutomationWorld, type AutomationWorld } from '../../support/automation.ts';
import { killGraphProcesses } from '../../support/graph-process.ts';
import { until } from '../../support/until.ts';

const SECRET = 'whsec_cGxhbnRlZA==';
const DOCS = new URL('../../../docs/automation.md', import.meta.url);
const source = 'https://ci.watches.example';

/** What answers a request: a status, or nothing at all. */
type Answer = (id: string) => number | null;

let world: AutomationWorld;
let hook: Server;
let port = 0;
let answer: Answer = () => 204;
/** Ids of deliveries, in the order in which they came. */
const received: {
  readonly id: string;
  readonly body: { readonly data: { readonly n: number } };
}[] = [];

beforeAll(async () => {
  hook = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      received.push({ id, body: JSON.parse(text) as (typeof received)[number]['body'] });
      const status = answer(id);
      if (status === null) request.socket.destroy();
      else response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  ({ port } = hook.address() as { port: number });
  world = await startAutomationWorld(() => ({
    STEMMA_SECRET_HOOK: SECRET,
    STEMMA_ALLOWED_TARGETS: `127.0.0.1:${port}`,
    ...{ STEMMA_DELIVERY_WAIT_MS: '50', STEMMA_DELIVERY_LEASE_MS: '500' },
    ...{ STEMMA_DELIVERY_ATTEMPTS: '4', STEMMA_DELIVERY_DISABLE_AFTER: '3' },
  }));
});
afterEach(async () => {
  await killGraphProcesses();
  answer = () => 204;
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await world.stop();
});

let count = 0;
/** Things that have happened, each with a number of its own. */
const happen = async (howMany: number, type = 'audit.completed') => {
  const events = Array.from({ length: howMany }, () => {
    const n = (count += 1);
    const data = { id: `scan ${n}`, outcome: 'success', n };
    return { specversion: '1.0', id: `${type} ${n}`, source, type, data, correlationid: `c${n}` };
  });
  await world.post(events);
};
type Told = { type: string; causationId: string; correlationId: string; data: Result };
type Result = {
  watch: string;
  delivery: string;
  attempts?: number;
  reason?: string;
  final?: boolean;
};
/** What watches have told of one watch. */
const told = async (watch: string) => {
  const all: Told[] = [];
  for (const type of ['watch.matched', 'watch.action.succeeded', 'watch.action.failed']) {
    const query = `query ($type: String!) { events(type: $type, first: 500) { nodes { type causationId correlationId data } } }`;
    const found = await world.ask(query, { type }).catch(() => ({ events: { nodes: [] } })); // none yet
    all.push(...(found.events.nodes as Told[]).filter(({ data }) => data.watch === watch));
  }
  const of = (type: string) => all.filter((one) => one.type === type);
  return {
    matched: of('watch.matched'),
    succeeded: of('watch.action.succeeded'),
    failed: of('watch.action.failed'),
  };
};
/** What was received has been told, too. */
const nothingWaits = async () => {
  const client = connectRedis({ url: world.redis.url, name: 'test', failFast: false });
  const queue = createDeliveryQueue({ redis: client, keys: busKeys(), now: Date.now });
  await until(async () => (await queue.size()) === 0, 30_000);
  client.disconnect();
};
const apply = async (yaml: string) =>
  world.cli(
    'apply',
    '-f',
    world.file(yaml.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)),
    '--wait',
  );

describe('watches of a service that is killed and started again', () => {
  test('each delivery arrives, under one id, and is told once, at whichever point the process was killed', async () => {
    await world.serve('graph,api');
    const ran = await apply(`
kind: Watch
name: hook
types: [audit.completed]
when: has(event.data.n)
action:
  webhook:
    url: http://127.0.0.1:8080/hook
    secret: { env: STEMMA_SECRET_HOOK }
`);
    expect(ran).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('unless STEMMA_ALLOWED_TARGETS names it'),
    });
    const points = [
      'automation_published',
      'automation_enqueued',
      'action_performed',
      'action_told',
    ];
    for (const point of points) {
      const watcher = world.start('watch', `${point}:kill`);
      await happen(5);
      expect([point, (await watcher.ended).signal]).toEqual([point, 'SIGKILL']);
    }
    await Promise.all(['watch', 'watch'].map(async (roles) => world.start(roles).whenReady()));
    await happen(5);
    await until(async () => (await told('hook')).succeeded.length >= count, 60_000);
    const { matched, succeeded, failed } = await told('hook');
    expect([matched.length, succeeded.length, failed.length]).toEqual([count, count, 0]);
    const idOf = new Map<number, Set<string>>();
    for (const { id, body } of received)
      idOf.set(body.data.n, (idOf.get(body.data.n) ?? new Set()).add(id));
    expect([...idOf.keys()].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, at) => at + 1),
    );
    for (const ids of idOf.values()) expect(ids.size).toBe(1);
    expect(new Set(succeeded.map(({ data }) => data.delivery)).size).toBe(count);
    expect(new Set(succeeded.map(({ correlationId }) => correlationId)).size).toBe(count);
    await nothingWaits();
    const keys = busKeys();
    const client = connectRedis({ url: world.redis.url, name: 'test', failFast: false });
    // the secret is in no event, and not in what waits
    const streams = await Promise.all(
      keys.streams.map(async (stream) => client.xrange(stream, '-', '+')),
    );
    expect(JSON.stringify(streams)).not.toContain(SECRET.slice(6));
    client.disconnect();
  }, 240_000);

  test('what fails is tried again and told each time; what cannot heal is given up; who is given up too often is disabled', async () => {
    await world.serve('graph,api,watch');
    answer = (id) => {
      const tries = received.filter((one) => one.id === id).length;
      return tries === 1 ? null : tries === 2 ? 503 : 204;
    };
    await happen(1);
    await until(async () => (await told('hook')).succeeded.length === count, 30_000);
    const first = await told('hook');
    expect(first.failed.map(({ data }) => [data.final, data.reason]).toSorted()).toEqual([
      [false, expect.stringContaining('127.0.0.1: ')],
      [false, 'it answered 503'],
    ]);
    expect(
      first.succeeded.find(({ correlationId }) => correlationId === `c${count}`)?.data.attempts,
    ).toBe(3);

    answer = () => 410;
    await happen(3);
    const disabled = async () => {
      const { watch } = await world.ask(`{ watch(name: "hook") { enabled disabledReason } }`);
      return watch;
    };
    await until(async () => !(await disabled()).enabled, 30_000);
    expect((await disabled()).disabledReason).toContain('3 deliveries in a row were given up');
    const before = received.length;
    await happen(2);
    await world.start('watch').whenReady();
    await until(
      async () =>
        (await world.ask(`{ watch(name: "hook") { throughPosition } }`)).watch.throughPosition > 0,
      30_000,
    );
    expect(received.length).toBe(before);
    answer = () => 204;
    expect((await world.cli('watch', 'enable', 'hook', '--wait')).exitCode).toBe(0);
    await happen(1);
    await until(() => Promise.resolve(received.length === before + 1), 30_000);
    await nothingWaits();
  }, 180_000);

  test('a graph that was computed anew sends nothing again, and what comes then is sent', async () => {
    await world.serve('graph,api');
    const { uri, user, password } = world.neo4j;
    const driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
    await driver.executeQuery('MATCH (n:AutomationProgress) DELETE n'); // as a rebuild leaves it
    await driver.close();
    const before = received.length;
    await world.start('watch').whenReady();
    await happen(1);
    await until(() => Promise.resolve(received.length > before), 30_000);
    expect(received.slice(before).map(({ body }) => body.data.n)).toEqual([count]);
  }, 60_000);

  test('the watch of the documentation is tried on past events, publishes, and its event is caused by it', async () => {
    await world.serve('graph,api,watch');
    const [, yaml = ''] =
      /<!-- watches -->\n+```yaml\n([^]*?)```/.exec(readFileSync(DOCS, 'utf8')) ?? [];
    expect(yaml).toContain('kind: Watch');
    await happen(1, 'testing.failed');
    const failures = `{ events(type: "testing.failed", first: 1) { nodes { position } } }`;
    await until(async () => (await world.ask(failures)).events.nodes.length === 1, 30_000);
    const file = world.file(yaml);
    const tried = await world.cli('watch', 'test', file);
    expect(tried).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('would have acted on 1 of 1 events'),
    });
    expect(tried.stdout).toMatch(/^ask-for-help\tACTS\t/);
    expect((await world.cli('apply', '-f', file, '--wait')).exitCode).toBe(0);
    await happen(1, 'testing.failed');
    const requests = async () =>
      (
        await world
          .ask(
            `{ events(type: "agent.request", first: 10) { nodes { causationId correlationId data } } }`,
          )
          .catch(
            () => ({ events: { nodes: [] } }), // none yet
          )
      ).events.nodes;
    await until(async () => (await requests()).length === 1, 30_000);
    expect((await requests())[0]).toMatchObject({
      ...{ causationId: `${source} testing.failed ${count}`, correlationId: `c${count}` },
      data: { from: 'stemma', to: 'developers', message: `scan ${count} has failed` },
    });
    await until(async () => (await told('ask-for-help')).succeeded.length === 1, 30_000);
  }, 120_000);
});

test('the queue takes what fits, once, and all that is added together or nothing', async () => {
  const client = connectRedis({ url: world.redis.url, name: 'queue', failFast: false });
  const keys = busKeys('queue-of-its-own');
  const queue = createDeliveryQueue({
    redis: client,
    keys,
    now: Date.now,
    maxWaiting: 3,
    maxBytes: 2_000,
  });
  const delivery = (id: string, size = 1): Delivery => ({
    ...{ id, watch: 'w@1', trigger: 't', matched: 'm' },
    action: { kind: 'redis', channel: 'c', message: 'x'.repeat(size) },
  });
  await queue.add([delivery('1'), delivery('2')]);
  await queue.add([delivery('1'), delivery('2')]);
  expect(await queue.size()).toBe(2);
  await expect(queue.add([delivery('3'), delivery('4')])).rejects.toMatchObject({
    code: 'BACKPRESSURE',
  });
  await expect(queue.add([delivery('3', 2_000)])).rejects.toMatchObject({ code: 'BACKPRESSURE' });
  expect(await queue.size()).toBe(2);
  expect(
    (await queue.claim(9, 60_000)).map(({ delivery: { id }, attempt }) => [id, attempt]),
  ).toEqual([
    ...[
      ['1', 1],
      ['2', 1],
    ],
  ]);
  expect(await queue.claim(9, 60_000)).toEqual([]);
  await queue.again('1', 0, true);
  await queue.again('2', 0, false);
  const again = await queue.claim(9, 60_000);
  expect(again.map(({ delivery: { id }, attempt }) => [id, attempt])).toEqual([
    ['1', 2],
    ['2', 1],
  ]);
  await Promise.all(['1', '2', '2'].map(async (id) => queue.done(id)));
  await queue.add([delivery('5', 5_000)]); // alone it is taken, however large
  expect(await queue.size()).toBe(1);
  await queue.done('5');
  expect(await client.get(keys.deliveries('bytes'))).toBe('0');
  expect([await queue.ended('w@1', false), await queue.ended('w@1', false)]).toEqual([1, 2]);
  expect([await queue.ended('w@1', true), await queue.ended('w@1', false)]).toEqual([0, 1]);
  client.disconnect();
});
