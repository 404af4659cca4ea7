import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createDeliveryQueue } from '../../../src/bus/deliveries.ts';
import { busKeys } from '../../../src/bus/keys.ts';
import { connectRedis } from '../../../src/bus/redis.ts';
import { runCli } from '../../support/field.ts';
import { killGraphProcesses, startGraphProcess } from '../../support/graph-process.ts';
import { borrowNeo4j, type BorrowedNeo4j } from '../../support/neo4j-pool.ts';
import { startRedis, type TestRedis } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

const SECRET = 'whsec_cGxhbnRlZA==';
const DOCS = new URL('../../../docs/automation.md', import.meta.url);
const source = 'https://ci.watches.example';

/** What answers a request: a status, or nothing at all. */
type Answer = (id: string) => number | null;

let redis: TestRedis;
let neo4j: BorrowedNeo4j;
let hook: Server;
let port = 0;
let answer: Answer = () => 204;
/** Ids of deliveries, in the order in which they came. */
const received: {
  readonly id: string;
  readonly body: { readonly data: { readonly n: number } };
}[] = [];

beforeAll(async () => {
  [redis, neo4j] = await Promise.all([startRedis(), borrowNeo4j()]);
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
});
afterEach(async () => {
  await killGraphProcesses();
  answer = () => 204;
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await Promise.all([redis.stop(), neo4j.stop()]);
});

let url = '';
const start = (roles: string, failpoint?: string) =>
  startGraphProcess({
    servers: {
      ...{ neo4jUri: neo4j.uri, neo4jUser: neo4j.user, neo4jPassword: neo4j.password },
      redisUrl: redis.url,
    },
    ...{ main: 'roles-process-main.ts', tag: '' },
    ...(failpoint === undefined ? {} : { failpoint }),
    variables: {
      ...{ STEMMA_ROLES: roles, STEMMA_HEARTBEAT_MS: '200', STEMMA_SECRET_HOOK: SECRET },
      STEMMA_CLAIM_IDLE_MS: '1000', // what a killed writer had is taken over at once
      STEMMA_ALLOWED_TARGETS: `127.0.0.1:${port}`,
      ...{ STEMMA_DELIVERY_WAIT_MS: '50', STEMMA_DELIVERY_LEASE_MS: '500' },
      ...{ STEMMA_DELIVERY_ATTEMPTS: '4', STEMMA_DELIVERY_DISABLE_AFTER: '3' },
    },
  });
const serve = async (roles: string) => {
  const service = start(roles);
  await service.whenReady();
  url = service.said().trim().split(' ')[1]!;
};
const ask = async (query: string, variables: object = {}) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: any; errors?: object[] }; // eslint-disable-line @typescript-eslint/no-explicit-any -- the query decides the shape
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
};
const cli = async (...args: string[]) => runCli(args, { STEMMA_URL: url });
let count = 0;
/** Things that have happened, each with a number of its own. */
const happen = async (howMany: number, type = 'audit.completed') => {
  const events = Array.from({ length: howMany }, () => {
    const n = (count += 1);
    const data = { id: `scan ${n}`, outcome: 'success', n };
    return { specversion: '1.0', id: `${type} ${n}`, source, type, data, correlationid: `c${n}` };
  });
  await fetch(`${url}/events?wait=applied&waitMs=30000`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  });
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
    const found = await ask(query, { type }).catch(() => ({ events: { nodes: [] } })); // none yet
    all.push(...(found.events.nodes as Told[]).filter(({ data }) => data.watch === watch));
  }
  const of = (type: string) => all.filter((one) => one.type === type);
  return {
    matched: of('watch.matched'),
    succeeded: of('watch.action.succeeded'),
    failed: of('watch.action.failed'),
  };
};
const apply = async (yaml: string) => {
  const file = join(mkdtempSync(join(tmpdir(), 'stemma-watches-')), 'watches.yaml');
  writeFileSync(file, yaml.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`));
  return { file, ran: await cli('apply', '-f', file, '--wait') };
};

describe('watches of a service that is killed and started again', () => {
  test('each delivery arrives, under one id, and is told once, at whichever point the process was killed', async () => {
    await serve('graph,api');
    const { ran } = await apply(`
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
      const watcher = start('watch', `${point}:kill`);
      await happen(5);
      expect([point, (await watcher.ended).signal]).toEqual([point, 'SIGKILL']);
    }
    await Promise.all(['watch', 'watch'].map(async (roles) => start(roles).whenReady()));
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
    const keys = busKeys();
    const client = connectRedis({ url: redis.url, name: 'test', failFast: false });
    await until(
      async () => (await createDeliveryQueue({ redis: client, keys, now: Date.now }).size()) === 0,
      30_000,
    );
    // the secret is in no event, and not in what waits
    const streams = await Promise.all(
      keys.streams.map(async (stream) => client.xrange(stream, '-', '+')),
    );
    expect(JSON.stringify(streams)).not.toContain(SECRET.slice(6));
    client.disconnect();
  }, 240_000);

  test('what fails is tried again and told each time; what cannot heal is given up; who is given up too often is disabled', async () => {
    await serve('graph,api,watch');
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
      const { watch } = await ask(`{ watch(name: "hook") { enabled disabledReason } }`);
      return watch;
    };
    await until(async () => !(await disabled()).enabled, 30_000);
    expect((await disabled()).disabledReason).toContain('3 deliveries in a row were given up');
    const before = received.length;
    await happen(2);
    await start('watch').whenReady();
    await until(
      async () =>
        (await ask(`{ watch(name: "hook") { throughPosition } }`)).watch.throughPosition > 0,
      30_000,
    );
    expect(received.length).toBe(before);
    answer = () => 204;
    expect((await cli('watch', 'enable', 'hook', '--wait')).exitCode).toBe(0);
    await happen(1);
    await until(() => Promise.resolve(received.length === before + 1), 30_000);
  }, 180_000);

  test('the watch of the documentation is tried on past events, publishes, and its event is caused by it', async () => {
    await serve('graph,api,watch');
    const [, yaml = ''] =
      /<!-- watches -->\n+```yaml\n([^]*?)```/.exec(readFileSync(DOCS, 'utf8')) ?? [];
    expect(yaml).toContain('kind: Watch');
    await happen(1, 'testing.failed');
    const file = join(mkdtempSync(join(tmpdir(), 'stemma-watches-')), 'watches.yaml');
    writeFileSync(file, yaml);
    const tried = await cli('watch', 'test', file);
    expect(tried).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('would have acted on 1 of 1 events'),
    });
    expect(tried.stdout).toMatch(/^ask-for-help\tACTS\t/);
    expect((await cli('apply', '-f', file, '--wait')).exitCode).toBe(0);
    await happen(1, 'testing.failed');
    const requests = async () =>
      (
        await ask(
          `{ events(type: "agent.request", first: 10) { nodes { causationId correlationId data } } }`,
        ).catch(
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
