import { Agent, get, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHostCheck } from '../../../src/http/hosts.ts';
import { startHttp, type Json, type TestHttp } from '../../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp({ allowedHosts: ['stemma.test'] });
});
afterAll(async () => http.stop());

async function fetchJson(path: string, to = http) {
  const response = await fetch(to.address + path);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Json,
  };
}

describe('the server', () => {
  test('lists its endpoints, lives, and publishes its schemas', async () => {
    expect((await fetchJson('/')).body.endpoints).toHaveProperty(['POST /events']);
    expect((await fetchJson('/livez')).body).toEqual({ live: true });
    const index = (await fetchJson('/schemas')).body;
    const { id, path } = index.types.find(
      ({ type, version }: Json) => type === 'build.completed' && version === 1,
    );
    const schema = await fetchJson(`/schemas/${path}`);
    expect(schema.headers.get('content-type')).toContain('application/schema+json');
    expect(schema.body.$id).toBe(id);
    expect((await fetchJson(`/schemas/${index.envelope.path}`)).body.$id).toBe(index.envelope.id);
  });

  test('says in one sentence that its port is taken, and what to do', async () => {
    const port = Number(new URL(http.address).port);
    await expect(startHttp({ port })).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`^Port ${port} is in use: .*STEMMA_PORT`)),
    });
  });

  test.each([
    '/nowhere',
    '/schemas/build.completed/99.json',
    '/schemas/build.completed/x',
    '/schemas/__proto__/1.json',
  ])('answers %s with 404 in JSON', async (path) => {
    const answer = await fetchJson(path);
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    expect(answer.body.error.requestId).toBe(answer.headers.get('x-request-id'));
  });

  test('answers a broken URL and another method in JSON', async () => {
    expect(await fetchJson('/schemas/%zz/1.json')).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_REQUEST' } },
    });
    const response = await fetch(`${http.address}/events`, { method: 'DELETE' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  test('keeps a request id that is harmless, and replaces any other', async () => {
    const idOf = async (id: string) =>
      (await fetch(`${http.address}/livez`, { headers: { 'x-request-id': id } })).headers.get(
        'x-request-id',
      );
    expect(await idOf('trace-1234')).toBe('trace-1234');
    expect(await idOf('<script>alert(1)</script>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('says what is not ready', async () => {
    const state = {
      ready: false,
      healthy: false,
      checks: [{ name: 'graph', ok: false, detail: 'does not answer' }],
    };
    const server = await startHttp({ readiness: async () => state });
    try {
      expect(await fetchJson('/readyz', server)).toMatchObject({ status: 503, body: state });
      expect((await fetchJson('/livez', server)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  test('a process that can serve is ready, whatever waits for an operator', async () => {
    const checks = [{ name: 'bus-gaps', ok: false, detail: '7 events were lost' }];
    const state = { ready: true, healthy: false, checks };
    const server = await startHttp({ readiness: async () => state });
    try {
      expect(await fetchJson('/readyz', server)).toMatchObject({ status: 200, body: state });
      expect(await fetchJson('/healthz', server)).toMatchObject({ status: 503, body: state });
    } finally {
      await server.stop();
    }
  });

  test('S33 masks what GraphQL and readiness throw', async () => {
    const boom = async () => Promise.reject(new Error('password=hunter2 at bolt://graph.internal'));
    const server = await startHttp({ graphql: { handle: boom }, readiness: boom });
    try {
      const response = await fetch(`${server.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{a}"}',
      });
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(JSON.parse(text).errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
      const ready = await fetchJson('/readyz', server);
      expect(ready.status).toBe(500);
      expect(text + JSON.stringify(ready.body)).not.toMatch(/hunter2|graph\.internal/);
      expect(server.logged).toHaveLength(2);
    } finally {
      await server.stop();
    }
  });

  test('streams what the handler streams', async () => {
    async function* parts() {
      yield '{"data":';
      yield '1}';
    }
    const server = await startHttp({
      graphql: {
        handle: async () => ({
          status: 200,
          headers: new Map([['content-type', 'application/json']]),
          body: parts(),
        }),
      },
    });
    try {
      expect((await fetchJson('/graphql', server)).body).toEqual({ data: 1 });
    } finally {
      await server.stop();
    }
  });
});

describe('the host check', () => {
  test('refuses names that somebody pointed at the loopback address', async () => {
    const statusFor = async (host: string) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      get(`${http.address}/livez`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', reject);
      return promise;
    };
    expect(await statusFor('localhost:4000')).toBe(200);
    expect(await statusFor('stemma.test')).toBe(200);
    expect(await statusFor('evil.example:4000')).toBe(403);
  });

  test.each<[string, string[], string | undefined, boolean]>([
    ['127.0.0.1', [], '127.0.0.1:4000', true],
    ['127.0.0.1', [], '[::1]:4000', true],
    ['127.0.0.1', [], 'LOCALHOST', true],
    ['127.0.0.1', [], '127.0.0.1.evil.example', false],
    ['127.0.0.1', [], 'localhost.evil.example:4000', false],
    ['127.0.0.1', [], undefined, false],
    ['::1', [], 'evil.example', false],
    ['localhost', [], 'evil.example', false],
    ['0.0.0.0', [], 'evil.example', true],
    ['0.0.0.0', ['stemma.example'], 'evil.example', false],
    ['0.0.0.0', ['stemma.example'], 'Stemma.Example:80', true],
  ])('bound to %s with %j: %s → %s', (bound, allowed, host, expected) => {
    expect(createHostCheck(bound, allowed)(host)).toBe(expected);
  });
});

describe('stop', () => {
  test('lets a request in flight finish, closes idle connections, accepts nothing new, and may be called twice', async () => {
    const entered = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    const server = await startHttp({
      graphql: {
        handle: async () => {
          entered.resolve(undefined);
          await release.promise;
          return { status: 200, headers: new Map(), body: '{"data":1}' };
        },
      },
    });
    const agent = new Agent({ keepAlive: true });
    const send = async (method: string, path: string, body = '') => {
      const { promise, resolve, reject } = Promise.withResolvers<{
        text: string;
        connection: string | undefined;
      }>();
      const sent = request(
        server.address + path,
        { method, agent, headers: { 'content-type': 'application/json' } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => {
            resolve({ text, connection: response.headers.connection });
          });
        },
      );
      sent.on('error', reject).end(body);
      return promise;
    };
    await send('GET', '/livez'); // leaves an idle connection behind
    const inFlight = send('POST', '/graphql', '{"query":"{a}"}');
    await entered.promise;
    const stopped = Promise.all([server.stop(), server.stop()]);
    await expect(fetch(`${server.address}/livez`)).rejects.toThrow();
    release.resolve(undefined);
    expect(await inFlight).toEqual({ text: '{"data":1}', connection: 'close' });
    await stopped;
    agent.destroy();
  });

  test('cuts what does not finish within its grace', async () => {
    const entered = Promise.withResolvers<undefined>();
    const server = await startHttp({
      graceMs: 20,
      graphql: {
        handle: async () => {
          entered.resolve(undefined);
          return new Promise<never>(() => undefined);
        },
      },
    });
    const inFlight = fetch(`${server.address}/graphql`);
    const failed = expect(inFlight).rejects.toThrow();
    await entered.promise;
    await server.stop();
    await failed;
  });
});
