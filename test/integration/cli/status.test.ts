import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { busKeys } from '../../../src/bus/keys.ts';
import { connectRedis, whenConnected } from '../../../src/bus/redis.ts';
import { addStatus, statusOf } from '../../../src/cli/commands/status.ts';
import { toFailure } from '../../../src/cli/exit.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { startRedis, type TestRedis } from '../../support/servers.ts';

/** The command works on the names of a real service, so it has a Redis of its own. */
let redis: TestRedis;
let service: Server;
let url: string;
beforeAll(async () => {
  redis = await startRedis();
  const client = connectRedis({ url: redis.url, name: 'test' });
  await whenConnected(client);
  const keys = busKeys();
  for (let n = 1; n <= 5; n += 1) {
    await client.incr(keys.counter);
    await client.xadd(
      keys.stream('build'),
      '*',
      'n',
      n,
      'acceptedAt',
      Date.now() - 60_000,
      'e',
      '{}',
    );
  }
  await client.xgroup('CREATE', keys.stream('build'), 'graph', '0');
  await client.xreadgroup(
    'GROUP',
    'graph',
    'one',
    'COUNT',
    2,
    'STREAMS',
    keys.stream('build'),
    '>',
  );
  await client.xadd(keys.dead, '*', 'n', 9);
  client.disconnect();
  const failing = { name: 'neo4j', ok: false, detail: 'does not answer within 3 s' };
  service = createServer((_request, response) => {
    response
      .writeHead(503)
      .end(JSON.stringify({ ready: false, healthy: false, checks: [failing] }));
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await redis.stop();
});

async function run(
  args: readonly string[],
  changes: Record<string, string> = {},
  {
    isTerminal = false,
    signal = new AbortController().signal,
    onOut,
  }: { isTerminal?: boolean; signal?: AbortSignal; onOut?: (line: string) => void } = {},
) {
  const env = { REDIS_URL: redis.url, STEMMA_URL: url, ...changes };
  const { io, written } = createTestIo(env, { signal });
  const program = new Command().exitOverride();
  addStatus(program, {
    ...io,
    isTerminal,
    out(line) {
      io.out(line);
      onOut?.(line);
    },
  });
  program.commands[0]!.option('--json');
  const failure = await program
    .parseAsync(['status', '--interval', '100', ...args], { from: 'user' })
    .then(
      () => null,
      (error: unknown) => toFailure(error),
    );
  return { text: written.out.join('\n'), failure };
}

describe('stemma status', () => {
  test('tells as JSON, once, how service, groups and streams are', async () => {
    const { text, failure } = await run(['--json']);
    expect(failure).toBeNull();
    const status = JSON.parse(text) as ReturnType<typeof statusOf>;
    expect(status).toMatchObject({
      version: 1,
      service: { url, ready: false, checks: [{ name: 'neo4j' }] },
      deadLetters: 1,
      groups: [{ group: 'graph', position: 5, through: 0, waiting: 5, settledPerSecond: 0 }],
      streams: [{ stream: busKeys().stream('build'), entries: 5, pending: { graph: 2 } }],
    });
    expect(status.groups[0]!.oldestSeconds).toBeGreaterThanOrEqual(60);
  });

  test('says in words what is amiss, and that a service does not answer', async () => {
    const { text } = await run([]);
    expect(text).toContain('not ready\n  neo4j: does not answer within 3 s\ndead letters: 1\n');
    expect(text).toMatch(/^graph\t0\t5\t5\t6\d\.\d\t0\.0\t0\.0\t0$/m);
    const none = await run([], { STEMMA_URL: 'http://127.0.0.1:1' });
    expect(none.text).toContain('http://127.0.0.1:1: does not answer\n');
    expect(none.failure).toBeNull();
  });

  test('draws anew in a terminal, until it is interrupted', async () => {
    const ending = new AbortController();
    let drawn = 0;
    const { failure } = await run(
      [],
      {},
      {
        isTerminal: true,
        signal: ending.signal,
        onOut(line) {
          if (line.includes('\u001b[2J')) drawn += 1;
          if (drawn === 3) ending.abort();
        },
      },
    );
    expect(failure).toBeNull();
    expect(drawn).toBe(3);
  });

  test('a Redis that is away is an error that says so', async () => {
    const { failure } = await run([], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(failure).toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
  });

  test('rates are of the time between two looks; of a group that is new they are not known', () => {
    const group = { waiting: 0, waitingSince: null, lost: 0, noted: 0 };
    const figures = { streams: [], deadLetters: 0 };
    const one = { group: 'graph', position: 100, through: 90, ...group };
    const before = { at: 1_000, figures: { ...figures, groups: [one] } };
    const groups = [
      { ...one, position: 150, through: 140 },
      { ...one, group: 'new', position: 150 },
    ];
    expect(statusOf(before, { at: 3_000, figures: { ...figures, groups } }).groups).toMatchObject([
      { group: 'graph', acceptedPerSecond: 25, settledPerSecond: 25 },
      { group: 'new', acceptedPerSecond: null, settledPerSecond: null },
    ]);
  });
});
