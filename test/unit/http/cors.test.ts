import { request as send } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { readSettings } from '../../../src/environment.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';

const APP = 'https://app.example';
const OTHER = 'https://other.example';

let http: TestHttp | null = null;
afterEach(async () => {
  await http?.stop();
  http = null;
});

type Heard = { status: number; headers: Record<string, string | string[] | undefined> };

/** By node:http, because fetch does not let a caller say where it comes from. */
async function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<Heard> {
  const { promise, resolve, reject } = Promise.withResolvers<Heard>();
  const outgoing = send(`${http?.address ?? ''}${path}`, { method, headers }, (response) => {
    response.resume();
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
  });
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

const preflight = (origin: string, path = '/graphql') =>
  ask('OPTIONS', path, {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  });
const query = (origin: string) =>
  ask(
    'POST',
    '/graphql',
    { origin, 'content-type': 'application/json' },
    '{"query":"{__typename}"}',
  );

describe('web pages of other origins', () => {
  it('get no permission where none is configured', async () => {
    http = await startHttp();
    expect((await preflight(APP)).status).toBe(404);
    expect((await query(APP)).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('get it for the origins that are named, and for no other', async () => {
    http = await startHttp({ cors: { origins: [APP], credentials: false } });
    const asked = await preflight(APP);
    expect(asked).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': APP,
        'access-control-allow-headers': 'content-type',
        'access-control-allow-methods': 'GET,HEAD,POST',
      },
    });
    expect(asked.headers['vary']).toContain('Origin');
    expect(asked.headers['access-control-allow-credentials']).toBeUndefined();
    const answer = await query(APP);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'Origin' });
    expect(answer.headers['access-control-expose-headers']).toContain('x-request-id');

    for (const origin of [OTHER, 'null', 'http://app.example', `${APP}.evil.example`]) {
      expect((await preflight(origin)).status).toBe(404);
      expect((await query(origin)).headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('get it for errors too, so that they can be read', async () => {
    http = await startHttp({ cors: { origins: [APP], credentials: false } });
    const refused = await ask('POST', '/graphql', { origin: APP, 'content-type': 'text/plain' });
    expect(refused).toMatchObject({
      status: 400,
      headers: { 'access-control-allow-origin': APP },
    });
    const unknown = await ask('GET', '/nowhere', { origin: APP });
    expect(unknown).toMatchObject({ status: 404, headers: { 'access-control-allow-origin': APP } });
  });

  it('may send credentials where that is configured, from named origins', async () => {
    http = await startHttp({ cors: { origins: [APP], credentials: true } });
    expect((await query(APP)).headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
    });
    expect((await query(OTHER)).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('all get it with *, never with credentials', async () => {
    http = await startHttp({ cors: { origins: ['*'], credentials: false } });
    for (const origin of [APP, OTHER]) {
      const { headers } = await query(origin);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      expect((await preflight(origin, '/events')).status).toBe(204);
    }
  });
});

describe('STEMMA_CORS_ORIGINS', () => {
  const origins = (text: string) => readSettings({ STEMMA_CORS_ORIGINS: text }).STEMMA_CORS_ORIGINS;

  it('takes origins as browsers write them', () => {
    expect(origins('')).toEqual([]);
    expect(origins(' https://app.example , http://localhost:5173/,HTTPS://B.example:443')).toEqual([
      'https://app.example',
      'http://localhost:5173',
      'https://b.example',
    ]);
    expect(origins('*')).toEqual(['*']);
  });

  it.each([
    'app.example',
    'https://app.example/path',
    'ftp://app.example',
    'null',
    'https://*.example/x',
  ])('refuses %s, and says how to write it', (text) => {
    expect(() => origins(text)).toThrow(/STEMMA_CORS_ORIGINS.*is not an origin.*https:\/\//);
  });

  it('refuses credentials for every origin', () => {
    const variables = { STEMMA_CORS_ORIGINS: '*', STEMMA_CORS_CREDENTIALS: 'true' };
    expect(() => readSettings(variables)).toThrow(/STEMMA_CORS_CREDENTIALS.*name the origins/);
  });
});

describe('OPTIONS /events, by which senders of CloudEvents ask whether they may send', () => {
  const handshake = (headers: Record<string, string>) => ask('OPTIONS', '/events', headers);

  it.each([
    ['without CORS', undefined],
    ['with CORS', { origins: [APP], credentials: false }],
  ])('allows the sender that asks, %s', async (_, cors) => {
    http = await startHttp(cors === undefined ? {} : { cors });
    const answer = await handshake({
      'webhook-request-origin': 'eventemitter.example.com',
      'webhook-request-rate': '120',
    });
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'webhook-allowed-origin': 'eventemitter.example.com',
        'webhook-allowed-rate': '*',
        allow: 'OPTIONS, POST',
      },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('tells the methods to whoever asks for nothing else', async () => {
    http = await startHttp();
    const answer = await handshake({});
    expect(answer).toMatchObject({ status: 204, headers: { allow: 'OPTIONS, POST' } });
    expect(answer.headers['webhook-allowed-origin']).toBeUndefined();
  });

  it.each(['a b', 'x'.repeat(300), 'a,b'])('refuses %j as an origin', async (origin) => {
    http = await startHttp();
    expect((await handshake({ 'webhook-request-origin': origin })).status).toBe(400);
  });

  it('is refused under a host name that is not served', async () => {
    http = await startHttp();
    const headers = { host: 'evil.example', 'webhook-request-origin': 'a.example' };
    expect((await handshake(headers)).status).toBe(403);
  });
});
