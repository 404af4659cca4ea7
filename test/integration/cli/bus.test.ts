import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { connectRedis, whenConnected } from '../../../src/bus/redis.ts';
import { busKeys } from '../../../src/bus/keys.ts';
import { findGaps } from '../../../src/bus/log/lag.ts';
import { addBus } from '../../../src/cli/commands/bus.ts';
import { toFailure } from '../../../src/cli/exit.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { startRedis, type TestRedis } from '../../support/servers.ts';

/** The command works on the names of a real service, so it has a Redis of its own. */
let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const keys = busKeys();
const stream = keys.stream('build');

async function run(args: readonly string[], url = server.url) {
  const { io, written } = createTestIo({ REDIS_URL: url });
  const program = new Command().exitOverride();
  addBus(program, io);
  for (const command of program.commands[0]!.commands) command.option('--json');
  const failure = await program.parseAsync(['bus', ...args], { from: 'user' }).then(
    () => null,
    (error: unknown) => toFailure(error),
  );
  return { lines: written.out, failure };
}

describe('stemma bus', () => {
  beforeEach(async () => {
    const redis = connectRedis({ url: server.url, name: 'test' });
    await whenConnected(redis);
    await redis.flushall(); // this Redis was started by this file
    for (let n = 1; n <= 5; n += 1) {
      await redis.incr(keys.counter);
      await redis.xadd(stream, '*', 'n', n, 'acceptedAt', n, 'e', '{}');
    }
    await redis.xgroup('CREATE', stream, 'graph', '0');
    await redis.xtrim(stream, 'MAXLEN', 3);
    await redis.xreadgroup('GROUP', 'graph', 'gone', 'COUNT', 2, 'STREAMS', stream, '>');
    await findGaps(redis, keys, 'graph', 1_000);
    await findGaps(redis, keys, 'graph', 2_000);
    redis.disconnect();
  });

  test('shows progress, consumers and what was lost', async () => {
    const { lines, failure } = await run(['status', '--json']);
    expect(failure).toBeNull();
    expect(JSON.parse(lines[0]!)).toMatchObject({
      version: 2,
      groups: [
        {
          group: 'graph',
          progress: { position: 5, lost: 2, noted: 0 },
          consumers: [{ stream, name: 'gone', pending: 2 }],
          gaps: [{ from: 1, to: 2 }],
        },
      ],
    });
    const shown = (await run(['status'])).lines.join('\n');
    expect(shown).toContain('lost: 2 events, 0 of them taken note of');
    expect(shown).toContain('positions 1 to 2');
    expect(shown).toMatch(/gone\t.*:events:build\t2\t/);
  });

  test('takes note of what was lost', async () => {
    expect((await run(['note-gaps'])).lines).toEqual(['graph: 2 lost events are taken note of.']);
    const { lines } = await run(['status', '--json']);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      groups: [{ progress: { lost: 2, noted: 2 } }],
    });
  });

  test('removes a consumer only where another one takes over what waits for it', async () => {
    expect((await run(['remove-consumer', 'gone'])).failure).toMatchObject({
      code: 'ENTRIES_PENDING',
      message: expect.stringContaining('--claim-to'),
    });
    const { lines, failure } = await run(['remove-consumer', 'gone', '--claim-to', 'heir']);
    expect(failure).toBeNull();
    expect(lines).toEqual(["'gone' is removed, 2 events were handed on."]);
    const after = JSON.parse((await run(['status', '--json'])).lines[0]!);
    expect(after.groups).toMatchObject([{ consumers: [{ name: 'heir' }] }]);
  });

  test('shows each group, and names those that there are where another one is asked for', async () => {
    const redis = connectRedis({ url: server.url, name: 'test' });
    await whenConnected(redis);
    await redis.xgroup('CREATE', stream, 'ledger', '0');
    await redis.xreadgroup('GROUP', 'ledger', 'gone', 'COUNT', 1, 'STREAMS', stream, '>');
    redis.disconnect();
    const { lines } = await run(['status']);
    expect(lines.filter((line) => line.includes('settled up to'))).toEqual([
      expect.stringMatching(/^graph: /),
      expect.stringMatching(/^ledger: /),
    ]);
    expect((await run(['status', '--group', 'logs'])).failure).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('graph, ledger'),
    });
    expect((await run(['remove-consumer', 'gone'])).failure).toMatchObject({
      message: expect.stringContaining('add --group'),
    });
    expect((await run(['remove-consumer', 'nobody'])).failure).toMatchObject({
      message: expect.stringContaining("'nobody'"),
    });
  });

  test.each([
    ['http://127.0.0.1:1', 'USAGE', /redis:\/\//],
    ['redis://127.0.0.1:1', 'DEPENDENCY_UNAVAILABLE', /does not answer/],
  ])(
    'says of %s what is wrong',
    async (url, code, message) => {
      const { failure } = await run(['status'], url);
      expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    },
    20_000,
  );
});
