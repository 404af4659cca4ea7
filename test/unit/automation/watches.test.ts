import { describe, expect, test } from '@jest/globals';
import { createAutomation } from '../../../src/automation/follow.ts';
import { compileWatch, watchWarnings } from '../../../src/automation/watch.ts';
import { createWatches } from '../../../src/automation/watches.ts';
import type { Delivery } from '../../../src/model/deliveries.ts';
import type { LoggedDefinition } from '../../../src/model/definitions.ts';
import type { LoggedEvent } from '../../../src/model/automation.ts';
import { identityOf, parseEvent, type Envelope } from '../../../src/model/event.ts';
import type { WatchDefinition } from '../../../src/model/watches.ts';
import { event } from '../../support/events.ts';

const watch = (rest: Partial<WatchDefinition> = {}): WatchDefinition => ({
  ...{ name: 'w', version: 1, types: ['com.done'] },
  action: { redis: { channel: 'done' } },
  ...rest,
});

/** A definition as its sender writes it, through the schema. */
const parsed = (data: Record<string, unknown>) => parseEvent(event('watch.defined', data));

describe('a definition', () => {
  test.each([
    [{ action: {} }, 'is exactly one of webhook, slack, github, publish, redis'],
    [{ action: { redis: { channel: 'c' }, publish: { type: 't' } } }, 'is exactly one of'],
    [{ action: { slack: { url: { env: 'NEO4J_PASSWORD' }, text: '"x"' } } }, 'slack.url'],
    [
      { action: { webhook: { url: 'https://x.example', secret: { env: 'PATH' } } } },
      'begins with STEMMA_SECRET_',
    ],
    [{ action: { webhook: { url: 'https://x.example', hedaers: {} } } }, 'hedaers'],
    [{ action: { webhook: { url: 'https://x.example', headers: { Host: 'inner' } } } }, 'headers'],
    [{ types: [] }, 'data.types'],
    [{ name: 'a b' }, 'is not a name'],
  ])('%j is refused by its schema', (rest, reason) => {
    expect(() => parsed({ ...watch(), ...rest })).toThrow(
      expect.objectContaining({
        code: 'EVENT_MALFORMED',
        message: expect.stringContaining(reason),
      }),
    );
  });

  test.each([
    [{ types: ['watch.matched'] }, 'which watches cause themselves'],
    [{ when: 'outcome' }, 'data.when'],
    [{ action: { webhook: { url: 'file:///etc/passwd' } } }, 'file: is not http: or https:'],
    [{ action: { webhook: { url: 'https://me:planted@x.example' } } }, 'a URL with credentials'],
    [{ action: { slack: { url: 'hooks', text: '"x"' } } }, "'hooks' is not a URL"],
    [{ action: { slack: { url: 'https://x.example', text: 'commit + 1' } } }, 'action.slack.text'],
    [{ action: { publish: { type: 't', data: '"text"' } } }, 'is of type string, not map'],
    [
      { action: { github: { repository: 'a/b', token: { env: 'STEMMA_SECRET_T' } } } },
      'either an eventType',
    ],
  ])('%j is refused, with the reason', (rest, reason) => {
    expect(() => compileWatch(watch(rest as Partial<WatchDefinition>))).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(reason) }),
    );
  });
});

test.each([
  ['http://0x7f.1/', ['127.0.0.1 is not in the public internet']],
  ['http://[::1]:8080/', ['[::1]:8080 is not in the public internet']],
  ['http://localhost:1/', ['localhost:1 is not in the public internet']],
  ['https://hooks.example.com/', []],
])('a watch that sends to %s is taken, and its receipt says what is needed', (url, expected) => {
  const told = watchWarnings(watch({ action: { webhook: { url } } }));
  expect(told).toEqual(expected.map((text) => expect.stringContaining(text)));
});

/** Everything that watches say and do about a log. */
async function follow(
  definitions: readonly WatchDefinition[],
  events: readonly Envelope[],
  /** Identities of events that the log has already. */
  known: ReadonlySet<string> = new Set(),
) {
  const statements: LoggedDefinition<WatchDefinition>[] = definitions.map((definition, at) => ({
    ...{ n: at + 1, acceptedAt: 0, source: 's', said: { definition } },
  }));
  const log: LoggedEvent[] = events.map((envelope, at) => ({
    ...{ n: definitions.length + at + 1, key: identityOf(envelope), at: 1_000 * at },
    ...{ subjectRef: null, outcome: null, event: parseEvent(envelope, () => undefined) },
  }));
  const said: Envelope[] = [];
  const deliveries: Delivery[] = [];
  const reached = new Map<string, number>();
  const automation = createAutomation({
    kinds: [
      createWatches({
        statements: async () => Promise.resolve(statements),
        onInvalid: (id, cause) => {
          throw new Error(id, { cause });
        },
      }),
    ],
    store: {
      log: async (types, { after, until }) =>
        Promise.resolve(
          log.filter(
            ({ n, event: { envelope } }) =>
              n > after && n <= until && types.includes(envelope.type),
          ),
        ),
      states: async () => Promise.resolve(new Map()),
      known: async () => Promise.resolve(known),
      progress: async () => Promise.resolve(reached),
      advance: async ({ followers, to }) => {
        for (const { id } of followers) reached.set(id, to);
        return Promise.resolve(true);
      },
    },
    publish: async (envelopes) => Promise.resolve(void said.push(...envelopes)),
    enqueue: async (some) => Promise.resolve(void deliveries.push(...some)),
  });
  await automation.refresh();
  await automation.advance(log.at(-1)?.n ?? 0, new AbortController().signal);
  return { said, deliveries };
}

const done = (data: Record<string, unknown>, rest: Partial<Envelope> = {}) =>
  event('com.done', data, { id: JSON.stringify([data, rest]), ...rest });

test('what matches becomes watch.matched and a delivery, caused by its trigger and of its workflow', async () => {
  const trigger = done({ level: 'high', n: 3 }, { correlationid: 'c', workflowid: 'w' });
  const { said, deliveries } = await follow(
    [
      watch({
        when: 'event.data.level == "high"',
        action: {
          webhook: {
            url: 'https://hooks.example/x',
            secret: { env: 'STEMMA_SECRET_HOOK' },
            body: '{"n": event.data.n, "twice": int(event.data.n) * 2, "who": event.source}',
          },
        },
      }),
    ],
    [done({ level: 'low', n: 1 }), trigger, done({ n: 2 })],
  );
  expect(said).toMatchObject([
    {
      ...{ type: 'watch.matched', source: 'urn:stemma:watches', causationid: identityOf(trigger) },
      ...{ correlationid: 'c', workflowid: 'w' },
      data: { watch: 'w', version: 1, action: 'webhook', trigger: identityOf(trigger) },
    },
  ]);
  expect(deliveries).toEqual([
    {
      id: (said[0]!.data as { delivery: string }).delivery,
      ...{ watch: 'w@1', trigger: identityOf(trigger), matched: identityOf(said[0]!) },
      ...{ correlationid: 'c', workflowid: 'w' },
      action: {
        ...{
          kind: 'webhook',
          url: 'https://hooks.example/x',
          secret: { env: 'STEMMA_SECRET_HOOK' },
        },
        body: { n: 3, twice: 6, who: 'https://ci.example/acme' },
      },
    },
  ]);
  expect(JSON.stringify(said)).not.toContain('STEMMA_SECRET_HOOK'); // not even its name
});

test('what the log has as matched was in the queue: it is neither said nor sent again', async () => {
  const [first, second] = [done({ a: 1 }), done({ a: 2 })];
  const { said } = await follow([watch()], [first]);
  const again = await follow([watch()], [first, second], new Set(said.map(identityOf)));
  expect(again.said.map(({ causationid }) => causationid)).toEqual([identityOf(second)]);
  expect(again.deliveries.map(({ trigger }) => trigger)).toEqual([identityOf(second)]);
});

test('what cannot be worked out is told, and nothing is sent', async () => {
  const action = { slack: { url: 'https://x.example', text: 'event.data.missing' } };
  const { said, deliveries } = await follow([watch({ action })], [done({})]);
  expect(deliveries).toEqual([]);
  expect(said.map(({ type }) => type)).toEqual(['watch.matched', 'watch.action.failed']);
  expect(said[1]).toMatchObject({
    causationid: identityOf(said[0]!),
    data: { final: true, reason: expect.stringContaining('No such key: missing') },
  });
});

test('watches that act one because of the other are cut, and it is told', async () => {
  const loop = watch({ action: { publish: { type: 'com.done', data: '{"again": true}' } } });
  let trigger = done({ again: true });
  for (let depth = 1; depth <= 8; depth += 1) {
    const { deliveries } = await follow([loop], [trigger]);
    const action = deliveries[0]!.action as { event: Envelope };
    trigger = action.event;
    expect(trigger).toMatchObject({ type: 'com.done', watchdepth: depth });
  }
  const { said, deliveries } = await follow([loop], [trigger]);
  expect(deliveries).toEqual([]);
  expect(said.at(-1)).toMatchObject({
    type: 'watch.action.failed',
    data: { reason: expect.stringMatching(/^LOOP: 8 watches/) },
  });
});

test('a later version takes over, and each acts once on each event', async () => {
  const first = watch();
  const second = watch({
    version: 2,
    action: { redis: { channel: 'second', message: 'event.type' } },
  });
  const { deliveries } = await follow([first, second], [done({ a: 1 }), done({ a: 2 })]);
  expect(deliveries.map(({ watch: name, action }) => [name, action])).toEqual([
    ['w@2', { kind: 'redis', channel: 'second', message: 'com.done' }],
    ['w@2', { kind: 'redis', channel: 'second', message: 'com.done' }],
  ]);
});
