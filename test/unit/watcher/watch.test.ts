import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CliError } from '../../../src/cli/exit.ts';
import { StemmaError } from '../../../src/errors.ts';
import type { Envelope } from '../../../src/model/event.ts';
import type { Receipt } from '../../../src/model/receipt.ts';
import { createWatcher } from '../../../src/watcher/index.ts';
import { filePosition, type PositionStore } from '../../../src/watcher/position.ts';
import { watch, type WatchOptions } from '../../../src/watcher/watch.ts';

const build = (id: string, rest: Partial<Envelope> = {}): Envelope => ({
  ...{ specversion: '1.0', id, source: 'urn:ci', type: 'build.completed' },
  data: { build: `b-${id}`, outcome: 'success' },
  ...rest,
});
const problem = (code: 'DEPENDENCY_UNAVAILABLE' | 'POSITION_EXPIRED' | 'EVENT_MALFORMED') =>
  new StemmaError(code, `it is ${code}`);

/** A service with a log of its own, whose connections end with an error after so many events. */
function service(log: readonly Envelope[], breaks: readonly [number, Error][] = []) {
  const sent: Envelope[] = [];
  const asked: (number | null)[] = [];
  const left = [...breaks];
  const refusals: (Receipt['error'] | Error)[] = [];
  const client: WatchOptions<string>['client'] = {
    async *subscribe<T>(
      _: string,
      variables: Readonly<Record<string, unknown>>,
      signal: AbortSignal,
    ) {
      const after = variables['after'] as number | null;
      asked.push(after);
      const [limit, error] = left.shift() ?? [Infinity, null];
      yield { events: { position: after ?? 0, event: null } } as T;
      for (const [at, event] of log.entries()) {
        if (at < (after ?? 0)) continue;
        if (at >= limit) break;
        yield {
          events: {
            position: at + 1,
            event: { body: JSON.stringify(event), source: event.source },
          },
        } as T;
      }
      if (error !== null) throw error;
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    },
    postEvents: async (events) =>
      events.map((text): Receipt => {
        const event = JSON.parse(text) as Envelope;
        const refusal = refusals.shift() ?? null;
        if (refusal instanceof Error) throw refusal;
        if (refusal === null) sent.push(event);
        const status = refusal === null ? 'ACCEPTED' : 'REJECTED';
        return {
          ...{ eventId: event.id, source: event.source, position: null, status, first: null },
          error: refusal,
        };
      }),
  };
  return { client, sent, asked, refusals };
}

function memory(position: number | null = null) {
  const saved: number[] = [];
  const store: PositionStore = {
    load: async () => position,
    save: async (at) => {
      saved.push(at);
    },
  };
  return { store, saved };
}

type Item = { readonly events: { readonly event: { readonly body: string } | null } };
const noProblem = (): void => undefined;

/** Watches until it is done with the event `last`, or ends by itself. */
async function run(
  { client }: Pick<ReturnType<typeof service>, 'client'>,
  act: WatchOptions<'build.completed'>['act'],
  {
    positions = memory().store,
    onProblem = noProblem,
  }: Partial<Pick<WatchOptions<string>, 'positions' | 'onProblem'>> = {},
  stopping = new AbortController(),
) {
  const stopped = new AbortController();
  await watch<'build.completed'>({
    ...{ name: 'w', types: ['build.completed'], filter: {}, positions, onProblem },
    ...{ attempts: 3, delays: { attempts: 3, firstDelayMs: 1, longestDelayMs: 2 } },
    ...{ stopping: stopping.signal, stopped: stopped.signal },
    act,
    client: {
      ...client,
      // it is told to stop once it asks for what comes behind the last event
      async *subscribe<T>(...args: Parameters<typeof client.subscribe>) {
        for await (const item of client.subscribe<T>(...args)) {
          yield item;
          const { event } = (item as Item).events;
          if (event?.body.includes('"last"') !== true) continue;
          stopping.abort();
          return;
        }
      },
    },
  });
}

describe('a watcher', () => {
  test('acts on each event in order, answers with events that it caused, and keeps how far it has come', async () => {
    const world = service([build('1', { workflowid: 'wf' }), build('last')]);
    const { store, saved } = memory();
    const seen: string[] = [];
    await run(
      world,
      async ({ data, position }) => {
        seen.push(`${position} ${data.build} ${data.outcome}`);
        return { type: 'audit.completed', subject: 'urn:x', data: { id: data.build } };
      },
      { positions: store },
    );
    expect(seen).toEqual(['1 b-1 success', '2 b-last success']);
    expect(world.sent).toMatchObject([
      {
        ...{ type: 'audit.completed', source: 'urn:stemma:watcher:w', causationid: 'urn:ci 1' },
        ...{ workflowid: 'wf', subject: 'urn:x', data: { id: 'b-1' } },
      },
      { causationid: 'urn:ci last' },
    ]);
    expect(saved).toEqual([0, 1, 2]);
  });

  test('answers the same event under the same identity again, and each of its answers under one of its own', async () => {
    const answer = { type: 'audit.completed', data: { id: 'x' } };
    const ids = async () => {
      const world = service([build('last')]);
      await run(world, async () => [answer, answer]);
      return world.sent.map(({ id }) => id);
    };
    const [first, second] = await ids();
    expect(first).not.toBe(second);
    expect(await ids()).toEqual([first, second]);
  });

  test('is not told its own answers', async () => {
    const own = build('own', { source: 'urn:stemma:watcher:w' });
    const seen: string[] = [];
    await run(service([own, build('last')]), async ({ envelope }) => {
      seen.push(envelope.id);
      return undefined;
    });
    expect(seen).toEqual(['last']);
  });

  test('goes on behind the last event that it is done with, when a connection breaks', async () => {
    const broken = problem('DEPENDENCY_UNAVAILABLE');
    const world = service(
      [build('1'), build('2'), build('last')],
      [
        [1, broken],
        [2, broken],
      ],
    );
    const problems: Error[] = [];
    const seen: string[] = [];
    await run(
      world,
      async ({ envelope }) => {
        seen.push(envelope.id);
        return undefined;
      },
      { onProblem: (error) => void problems.push(error) },
    );
    expect(seen).toEqual(['1', '2', 'last']);
    expect(world.asked).toEqual([null, 1, 2]);
    expect(problems).toEqual([broken, broken]);
  });

  test('begins where it was kept', async () => {
    const world = service([build('1'), build('last')]);
    await run(world, async () => undefined, { positions: memory(1).store });
    expect(world.asked).toEqual([1]);
  });

  test('tries again what failed, and gives it up with an event that says why', async () => {
    const world = service([build('1'), build('last')]);
    const tries: string[] = [];
    await run(world, async ({ envelope }, { attempt }) => {
      tries.push(`${envelope.id} ${attempt}`);
      if (envelope.id === '1') throw new Error('the scanner is broken');
      if (attempt < 2) throw new Error('not yet');
      return { type: 'audit.completed', data: { id: 'x' } };
    });
    expect(tries).toEqual(['1 1', '1 2', '1 3', 'last 1', 'last 2']);
    expect(world.sent).toMatchObject([
      {
        ...{ type: 'watch.action.failed', causationid: 'urn:ci 1' },
        data: { watch: 'w', trigger: 'urn:ci 1', attempts: 3, reason: 'the scanner is broken' },
      },
      { type: 'audit.completed', causationid: 'urn:ci last' },
    ]);
  });

  test('gives up at once what the service refuses to take', async () => {
    const world = service([build('last')]);
    world.refusals.push({
      ...{ code: 'EVENT_MALFORMED', message: 'no id', path: 'events.0', retryable: false },
    });
    await run(world, async () => ({ type: 'audit.completed', data: {} }));
    expect(world.sent).toMatchObject([
      { type: 'watch.action.failed', data: { attempts: 1, reason: 'EVENT_MALFORMED: no id' } },
    ]);
  });

  test('takes a conflict for an answer that was given before', async () => {
    const world = service([build('last')]);
    world.refusals.push({
      ...{
        code: 'IDEMPOTENCY_CONFLICT',
        message: 'the first stays',
        path: 'events.0',
        retryable: false,
      },
    });
    await run(world, async () => ({ type: 'audit.completed', data: { id: 'x' } }));
    expect(world.sent).toEqual([]);
  });

  test('acts again on an event whose answer could not be sent, and does not count that as a failure', async () => {
    const world = service([build('last')]);
    const away = problem('DEPENDENCY_UNAVAILABLE');
    world.refusals.push(away, away, away, away);
    let acted = 0;
    await run(world, async () => {
      acted += 1;
      return { type: 'audit.completed', data: { id: 'x' } };
    });
    expect(acted).toBe(5);
    expect(world.sent.map(({ type }) => type)).toEqual(['audit.completed']);
  });

  test.each([
    ['what it missed is no longer there', problem('POSITION_EXPIRED')],
    ['it is not let in', new CliError('UNAUTHENTICATED', 'no', { exitCode: 5 })],
  ])('ends with an error where %s', async (_, error) => {
    await expect(run(service([], [[0, error]]), async () => undefined)).rejects.toBe(error);
  });

  test('that is stopped while an event fails leaves it to the next one', async () => {
    const { store, saved } = memory();
    const world = service([build('1'), build('2')]);
    const stopping = new AbortController();
    await run(
      world,
      async ({ envelope }) => {
        if (envelope.id === '1') return undefined;
        stopping.abort();
        throw new Error('interrupted');
      },
      { positions: store },
      stopping,
    );
    expect(saved).toEqual([0, 1]);
    expect(world.sent).toEqual([]);
  });
});

describe('the position of a watcher', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'stemma-position-')), 'position');

  test('is kept in a file', async () => {
    const store = filePosition(path);
    expect(await store.load()).toBeNull();
    await store.save(42);
    expect(readFileSync(path, 'utf8')).toBe('42\n');
    expect(await filePosition(path).load()).toBe(42);
  });

  test('is not guessed where the file holds something else, or cannot be written', async () => {
    writeFileSync(path, 'forty-two');
    await expect(filePosition(path).load()).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining(path),
    });
    await expect(filePosition(join(path, 'below')).save(1)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });
});

test.each([
  ['name', { name: 'no blanks' }],
  ['types', { types: [] }],
  ['attempts', { attempts: 0 }],
])('createWatcher refuses a bad %s', (path, bad) => {
  const good = { name: 'w', url: 'http://127.0.0.1:9', types: ['build.completed'] };
  expect(() => createWatcher({ ...good, act: async () => undefined, ...bad })).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', details: { path } }),
  );
});
