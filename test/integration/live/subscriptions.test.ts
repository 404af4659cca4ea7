import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket as Socket } from 'ws';
import { planTrim, trim } from '../../../src/bus/log/trim.ts';
import { GRAPH } from '../../../src/roles/graph.ts';
import { event, hex } from '../../support/events.ts';
import {
  EVENTS,
  results,
  startLive,
  subscribed,
  take,
  type Item,
  type LiveWorld,
  type Transport,
} from '../../support/live.ts';

const SOURCE = 'https://ci.example/live-subscriptions';
const TRANSPORTS: readonly Transport[] = ['ws', 'sse'];

let world: LiveWorld;
afterEach(async () => world.stop());

function builds(from: number, count: number, rest: object = {}) {
  return Array.from({ length: count }, (_, at) => {
    const id = `${world.floor}-${from + at}`;
    const time = new Date(Date.parse('2026-11-22T10:00:00Z') + (from + at) * 1_000).toISOString();
    const envelope = { id, time, source: SOURCE, ...rest };
    return event('build.started', { build: `${SOURCE}/${id}` }, envelope);
  });
}

const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);

/** The next item, which must come. */
async function next(items: AsyncIterator<Item>): Promise<Item> {
  const result = await items.next();
  if (result.done === true) throw new Error('it has ended');
  return result.value;
}

/** What GraphQL holds, as deep as a test looks. */
type Answer = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the query decides the shape

async function ask(query: string): Promise<Answer> {
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

describe.each(TRANSPORTS)('events over %s', (transport) => {
  it('says first from where on, then tells each event once it is in the graph: a query then sees what it says', async () => {
    world = await startLive();
    const items = subscribed(world.url, transport, EVENTS);
    expect(await next(items)).toEqual({ position: world.floor, event: null });
    const [build] = builds(0, 1);
    await world.pipeline.publish([build!]);
    const item = await next(items);
    expect(item).toEqual({
      position: world.floor + 1,
      event: { eventId: build!.id, position: world.floor + 1 },
    });
    const { data } = await ask(`{ resolve(ref: "${SOURCE}/${build!.id}") { key } }`);
    expect(data.resolve.key).toBe(`${SOURCE}/${build!.id}`);
    await items.return();
  });

  it('tells what is on the bus before anybody has written it, where that is asked for', async () => {
    world = await startLive({ isHeld: true });
    const accepted = subscribed(world.url, transport, EVENTS, { at: 'ACCEPTED' });
    const applied = subscribed(world.url, transport, EVENTS);
    await Promise.all([next(accepted), next(applied)]);
    const events = builds(0, 3);
    await world.pipeline.publish(events);
    expect((await take(accepted, 3)).ids).toEqual(idsOf(events));
    const late = take(applied, 3);
    expect(await Promise.race([late, delay(300, 'nothing yet')])).toBe('nothing yet');
    await world.pipeline.startWriter();
    expect((await late).ids).toEqual(idsOf(events));
  });

  it('takes only what the filter takes, in any order of streams, and tells how far it has come meanwhile', async () => {
    world = await startLive({ live: { heartbeatMs: 200 } });
    const filter = { types: ['build.started', 'artifact.created'], workflowId: `w-${world.floor}` };
    const items = subscribed(world.url, transport, EVENTS, { filter });
    await next(items);
    const [wanted] = builds(0, 1, { workflowid: `w-${world.floor}` });
    await world.pipeline.publish([...builds(1, 5), wanted!, ...builds(6, 5)]);
    let item = await next(items);
    while (item.event === null) item = await next(items);
    expect(item.event.eventId).toBe(wanted!.id);
    while (item.position < world.floor + 11) item = await next(items);
    expect(item).toEqual({ position: world.floor + 11, event: null });
    await items.return();
  });

  it.each(['ACCEPTED', 'APPLIED'])(
    'goes on behind a position without a gap or a duplicate, from the log too once the bus is trimmed: %s',
    async (at) => {
      world = await startLive();
      const { redis, keys } = world.pipeline;
      const events = builds(0, 250);
      await world.pipeline.publish(events);
      await world.pipeline.caughtUp();
      await trim(redis, await planTrim(redis, keys, GRAPH.name, Date.now()));
      const more = builds(250, 250);
      await world.pipeline.publish(more);
      const all = idsOf([...events, ...more]);
      const first = await take(
        subscribed(world.url, transport, EVENTS, { after: world.floor, at }),
        100,
      );
      const rest = subscribed(world.url, transport, EVENTS, { after: first.position, at });
      expect([...first.ids, ...(await take(rest, 400)).ids]).toEqual(all);
    },
  );

  it('refuses a position that was never given out, and a type that nobody knows', async () => {
    world = await startLive();
    const ended = async (variables: Record<string, unknown>) => {
      try {
        for await (const { errors } of results(world.url, transport, EVENTS, variables)) {
          if (errors !== undefined) return errors[0]!.extensions!['code'];
        }
      } catch (errors) {
        return (errors as Item[] & { extensions: { code: string } }[])[0]?.extensions.code;
      }
      return 'ended';
    };
    expect(await ended({ after: world.floor + 1 })).toBe('STREAM_REWOUND');
    expect(await ended({ filter: { types: ['build.begun'] } })).toBe('NOT_FOUND');
  });

  it('tells where to go on when the process ends, and does not say that it is complete', async () => {
    world = await startLive();
    const items = results(world.url, transport, EVENTS);
    await items.next();
    const events = builds(0, 3);
    await world.pipeline.publish(events);
    for (const { id } of events) {
      expect((await items.next()).value.data.events.event.eventId).toBe(id);
    }
    const last = items.next();
    const ended = world.api.stop();
    expect((await last).value.data.events).toEqual({ position: world.floor + 3, event: null });
    await expect(items.next()).rejects.toBeDefined();
    await ended;
  });
});

describe('what is watched by name', () => {
  const items = (query: string, variables: Record<string, unknown> = {}) =>
    subscribed(world.url, 'ws', query, variables);

  it('a workflow: its events and no others', async () => {
    world = await startLive();
    const id = `workflow-${world.floor}`;
    const query = `subscription ($id: String!, $after: Position) {
      workflow(id: $id, after: $after) { position event { eventId position } }
    }`;
    const before = builds(0, 3, { workflowid: id });
    await world.pipeline.publish([
      ...before,
      ...builds(3, 3),
      ...builds(6, 3, { workflowid: 'x' }),
    ]);
    await world.pipeline.caughtUp();
    const watched = items(query, { id, after: world.floor });
    expect((await take(watched, 3)).ids).toEqual(idsOf(before));
  });

  it('deployments: to an environment, of a service, also the events that name only the deployment', async () => {
    world = await startLive();
    const scope = `live-${world.floor}`;
    const source = `${SOURCE}/${scope}`;
    const deployment = (name: string, environment: string, service: string) => [
      event(
        'deployment.created',
        {
          deployment: name,
          environment,
          service,
          scope,
          artifacts: [`sha256:${hex(`${scope}${name}`)}`],
        },
        { id: `${name}-1`, source },
      ),
      event('deployment.completed', { deployment: name }, { id: `${name}-2`, source }),
    ];
    await world.pipeline.publish(deployment('first', 'prod', 'cart'));
    await world.pipeline.caughtUp();
    const query = `subscription ($environment: String, $service: String, $after: Position) {
      deployments(environment: $environment, service: $service, after: $after) { position event { eventId position } }
    }`;
    const after = world.floor;
    await world.pipeline.publish([
      ...deployment('second', 'prod', 'shop'),
      ...builds(0, 1),
      ...deployment('third', 'test', 'cart'),
      // nobody has said where this one runs
      event('deployment.failed', { deployment: 'fourth' }, { id: 'fourth-1', source }),
    ]);
    await world.pipeline.caughtUp();
    const all = ['first-1', 'first-2', 'second-1', 'second-2', 'third-1', 'third-2', 'fourth-1'];
    const idsFor = async (variables: object, count: number) =>
      (await take(items(query, { ...variables, after }), count)).ids;
    expect(await idsFor({}, 7)).toEqual(all);
    const prod = all.filter((id) => !id.startsWith('third'));
    expect(await idsFor({ environment: `${scope}/prod` }, 5)).toEqual(prod);
    const cart = ['first-1', 'first-2', 'fourth-1'];
    expect(await idsFor({ environment: `${scope}/prod`, service: `${scope}/cart` }, 3)).toEqual(
      cart,
    );
    await expect(next(items(query, { environment: `${scope}/prd` }))).rejects.toThrow('NOT_FOUND');
  });
});

describe('a client that does not read', () => {
  const COUNT = 150;

  /** A socket of which nothing is read once it has subscribed. */
  async function subscribeRaw(url: string): Promise<Socket> {
    const socket = new Socket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    const query = `subscription { events(at: ACCEPTED) { position event { body } } }`;
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    await once(socket, 'message');
    return socket;
  }

  it('is dropped with 4499 at the limit of its queue and told where to go on; others are not touched (F36)', async () => {
    world = await startLive({ isHeld: true, live: { queue: 50 } });
    const slow = await subscribeRaw(world.url);
    const other = subscribed(world.url, 'ws', EVENTS, { at: 'ACCEPTED' });
    await next(other);
    slow.pause();
    const received: number[] = [];
    slow.on('message', (data: Buffer) => {
      received.push(JSON.parse(data.toString()).payload.data.events.position as number);
    });
    const closed = once(slow, 'close');
    const sent: string[] = [];
    for (let at = 0; at < COUNT; at += 10) {
      // as large as to fill what lies between the two ends
      const large = builds(at, 10, { padding: 'x'.repeat(200_000) });
      await world.pipeline.publish(large);
      for (const { id } of large) {
        expect((await next(other)).event?.eventId).toBe(id);
        sent.push(id);
      }
    }
    slow.resume();
    const [code, reason] = (await closed) as [number, Buffer];
    expect(code).toBe(4499);
    const place = Number(/after position (\d+)/.exec(reason.toString())![1]);
    expect(reason.toString()).toContain('SLOW_CONSUMER');
    // what came has no gap, and the place lies in it
    expect(received).toEqual(received.map((_, at) => world.floor + 1 + at));
    expect(place).toBeGreaterThanOrEqual(world.floor);
    expect(place).toBeLessThanOrEqual(received.at(-1)!);
    const rest = subscribed(world.url, 'ws', EVENTS, { at: 'ACCEPTED', after: received.at(-1) });
    expect((await take(rest, COUNT - received.length)).ids).toEqual(sent.slice(received.length));
  });
});

describe('what holds over HTTP holds over connections that stay open (S35, S36, S38)', () => {
  const deep = `{ builds(first: 1) { nodes { ${'commit { builds { nodes { '.repeat(8)} id ${'} } } '.repeat(8)} } } }`;
  const REFUSED: readonly [string, string, Record<string, unknown>][] = [
    ['too deep', deep, {}],
    ['too large a page', '{ builds(first: 100000) { nodes { id } } }', {}],
    ['no such field', '{ nowhere }', {}],
    ['not GraphQL', '{ builds(', {}],
    [
      'a variable of another type',
      'query ($first: Int) { builds(first: $first) { nodes { id } } }',
      { first: 'x' },
    ],
    ['two root fields', 'subscription { a: events { position } b: events { position } }', {}],
    ['a scalar that is not one', 'subscription { events(after: -1) { position } }', {}],
    ['no such type', 'subscription { events(filter: { types: ["x.y"] }) { position } }', {}],
  ];

  async function codeOf(transport: Transport | 'http', query: string, variables: object) {
    const body = JSON.stringify({ query, variables });
    const headers = { 'content-type': 'application/json' };
    if (transport === 'ws') {
      try {
        for await (const { errors } of results(
          world.url,
          'ws',
          query,
          variables as Record<string, unknown>,
        )) {
          return errors?.[0]?.extensions?.['code'];
        }
      } catch (errors) {
        return (errors as { extensions: { code: string } }[])[0]?.extensions.code;
      }
      return undefined;
    }
    const accept = transport === 'sse' ? 'text/event-stream' : 'application/json';
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, accept },
      body,
    });
    const text = await response.text();
    const json = text.startsWith('event:') ? /data: (.*)/.exec(text)![1]! : text;
    return JSON.parse(json).errors?.[0]?.extensions.code as string | undefined;
  }

  it('refuses the same with the same codes over HTTP, WebSocket and SSE', async () => {
    world = await startLive();
    for (const [why, query, variables] of REFUSED) {
      const http = await codeOf('http', query, variables);
      expect([why, typeof http]).toEqual([why, 'string']);
      // HTTP has no subscriptions at all, once the document is valid
      if (http === 'BAD_REQUEST') continue;
      expect([why, await codeOf('ws', query, variables)]).toEqual([why, http]);
      expect([why, await codeOf('sse', query, variables)]).toEqual([why, http]);
    }
    const type = REFUSED.at(-1)!;
    expect(await codeOf('ws', type[1], {})).toBe('NOT_FOUND');
    expect(await codeOf('sse', type[1], {})).toBe('NOT_FOUND');
  });

  it('answers queries and mutations too', async () => {
    world = await startLive();
    for (const transport of TRANSPORTS) {
      const digest = `sha256:${hex(`${world.floor}${transport}`)}`;
      const mutation = `mutation { recordArtifact(input: { digest: "${digest}" }, wait: APPLIED) { status } }`;
      expect(await next(subscribed<Answer>(world.url, transport, mutation))).toEqual({
        status: 'APPLIED',
      });
      const query = `{ resolve(ref: "${digest}") { key } }`;
      expect(await next(subscribed<Answer>(world.url, transport, query))).toEqual({ key: digest });
    }
  });

  it('says to who asks for a subscription in another way how to', async () => {
    world = await startLive();
    const { errors } = await ask('subscription { events { position } }');
    expect(errors[0].extensions).toMatchObject({ code: 'BAD_REQUEST', reason: 'SUBSCRIPTION' });
    expect(errors[0].message).toContain('WebSocket');
  });

  async function handshake(headers: Record<string, string>, path = '/graphql'): Promise<string> {
    const { hostname, port } = new URL(world.url);
    const socket = connect(Number(port), hostname);
    const lines = {
      ...{ host: `${hostname}:${port}`, upgrade: 'websocket', connection: 'Upgrade' },
      ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' },
      'sec-websocket-protocol': 'graphql-transport-ws',
      ...headers,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${path} HTTP/1.1\r\n${text.join('')}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return answer.toString().split(' ')[1]!;
  }

  it('lets no foreign web page, no foreign host name and no other path in', async () => {
    world = await startLive();
    const { host } = new URL(world.url);
    expect(await handshake({})).toBe('101');
    expect(await handshake({ origin: `http://${host}` })).toBe('101');
    expect(await handshake({ origin: 'https://evil.example' })).toBe('403');
    expect(await handshake({ origin: 'null' })).toBe('403');
    expect(await handshake({ host: 'evil.example' })).toBe('421');
    expect(await handshake({}, '/events')).toBe('404');
  });

  it('closes what does not follow the protocol', async () => {
    world = await startLive();
    const init = { type: 'connection_init' };
    const subscribe = { id: '1', type: 'subscribe', payload: { query: EVENTS } };
    const closedWith = async (...messages: object[]): Promise<number> => {
      const socket = new Socket(
        `${world.url.replace('http', 'ws')}/graphql`,
        'graphql-transport-ws',
      );
      await once(socket, 'open');
      for (const message of messages) {
        socket.send(JSON.stringify(message));
        if (message === init && messages.length === 3) await once(socket, 'message');
      }
      const [code] = (await once(socket, 'close')) as [number];
      return code;
    };
    expect(
      await Promise.all([
        closedWith(subscribe),
        closedWith(init, init),
        closedWith(),
        closedWith(init, subscribe, subscribe),
      ]),
    ).toEqual([4401, 4429, 4408, 4409]);
  });

  it('serves so many subscriptions and no more, and forgets those that ended', async () => {
    world = await startLive({ live: { subscriptions: 1 } });
    const first = subscribed(world.url, 'ws', EVENTS);
    await next(first);
    await expect(next(subscribed(world.url, 'ws', EVENTS))).rejects.toThrow('BACKPRESSURE');
    await first.return();
    await expect(
      (async () => {
        for (;;) {
          try {
            return (await next(subscribed(world.url, 'sse', EVENTS))).position;
          } catch {
            await delay(20);
          }
        }
      })(),
    ).resolves.toBe(world.floor);
  });
});
