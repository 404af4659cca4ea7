import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type Json, type TestHttp } from '../../support/http.ts';

const MIB = 1024 * 1024;
let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(async () => http.stop());

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(`${http.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: (await response.json()) as Json,
  };
}

describe('POST /graphql', () => {
  test('hands method, headers, parsed body and search to the handler, and its answer back', async () => {
    const before = http.graphqlRequests.length;
    const response = await fetch(`${http.address}/graphql?x=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer t' },
      body: '{"query":"{ a }"}',
    });
    expect(await response.json()).toEqual({ data: {} });
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const request = http.graphqlRequests[before];
    expect(request).toMatchObject({ method: 'POST', body: { query: '{ a }' }, search: '?x=1' });
    expect(request?.headers.get('authorization')).toBe('Bearer t');
    expect(request?.requestId).toBe(response.headers.get('x-request-id'));
  });

  test.each([
    ['malformed JSON', '{"query":', 'BAD_REQUEST'],
    ['an empty body', '', 'BAD_REQUEST'],
    ['an array (S9 batching)', '[{"query":"{a}"}]', 'BAD_REQUEST'],
    ['null', 'null', 'BAD_REQUEST'],
    ['a string', '"{a}"', 'BAD_REQUEST'],
    ['F31 a duplicate key', '{"query":"{a}","query":"{b}"}', 'BAD_USER_INPUT'],
    [
      'S25 __proto__ in variables',
      '{"query":"{a}","variables":{"__proto__":{"x":1}}}',
      'BAD_USER_INPUT',
    ],
    [
      'S25 constructor.prototype',
      '{"variables":{"constructor":{"prototype":{"x":1}}}}',
      'BAD_USER_INPUT',
    ],
    [
      'S24 F30 variables nested 100,000 deep',
      `{"variables":${'['.repeat(100_000)}`,
      'PAYLOAD_TOO_DEEP',
    ],
  ])('S22 answers %s with 400 and JSON', async (_, body, code) => {
    const before = http.graphqlRequests.length;
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.type).toContain('application/json');
    expect(answer.body.errors[0].extensions).toMatchObject({ code, retryable: false });
    expect(answer.body.errors[0].extensions.requestId).toMatch(/\S/);
    expect(http.graphqlRequests).toHaveLength(before);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('S22 answers bytes that are no UTF-8 with 400', async () => {
    expect(await post(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST', reason: 'UTF8_INVALID' } }] },
    });
  });

  test.each([
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/jsonx',
  ])('S20 refuses the media type %s', async (type) => {
    const answer = await post('{"query":"{a}"}', { 'content-type': type });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST', reason: 'CSRF' } }] },
    });
  });

  test('S20 refuses a POST without a media type', async () => {
    const response = await fetch(`${http.address}/graphql`, {
      method: 'POST',
      body: new Blob(['{"query":"{a}"}']),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
  });

  test('F29 S23 refuses a body that announces itself as too large without reading it', async () => {
    const answer = await rawExchange(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${50 * MIB}\r\n\r\n`,
      [],
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"PAYLOAD_TOO_LARGE"');
    expect(answer).toContain(String(4 * MIB));
  });

  test('F29 S23 stops a body of unknown length at the limit, and still answers', async () => {
    const chunk = `${(64 * 1024).toString(16)}\r\n${' '.repeat(64 * 1024)}\r\n`;
    const answer = await rawExchange(
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      Array.from({ length: 100 }, () => chunk),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toContain('"code":"PAYLOAD_TOO_LARGE"');
  });

  test('S23 reads gzip', async () => {
    expect((await post(gzipSync('{"query":"{ a }"}'), { 'content-encoding': 'gzip' })).status).toBe(
      200,
    );
  });

  test('S23 stops a gzip bomb at the limit on the inflated bytes', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB, ' '));
    expect(bomb.length).toBeLessThan(MIB);
    const answer = await post(bomb, { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({
      status: 413,
      body: { errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] },
    });
  });

  test.each([
    ['gzip', 400, 'BODY_UNREADABLE'],
    ['br', 415, 'CONTENT_ENCODING_UNSUPPORTED'],
  ])('S23 answers a broken or unknown encoding (%s) with %d', async (encoding, status, reason) => {
    expect(await post('{"query":"{a}"}', { 'content-encoding': encoding })).toMatchObject({
      status,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST', reason } }] },
    });
  });
});

describe('GET /graphql', () => {
  const query = '/graphql?query=%7Ba%7D';

  test('S20 refuses a query without a header that a browser would have to ask for', async () => {
    const response = await fetch(http.address + query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
  });

  test('S21 passes a query with the header on; the handler refuses mutations', async () => {
    const response = await fetch(http.address + query, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(response.status).toBe(200);
    expect(http.graphqlRequests.at(-1)).toMatchObject({
      method: 'GET',
      search: '?query=%7Ba%7D',
      body: undefined,
    });
  });

  test('passes a request without query on, for a landing page', async () => {
    expect((await fetch(`${http.address}/graphql`)).status).toBe(200);
  });
});

/** Sends text over a socket of its own; resolves with the answer once its body is there, or the server hangs up. */
async function rawExchange(head: string, chunks: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = '';
  const socket = connect(Number(new URL(http.address).port), '127.0.0.1', () => {
    socket.write(head);
    for (const chunk of chunks) socket.write(chunk);
  });
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
    const length = /content-length: (\d+)/i.exec(answer)?.[1];
    const body = answer.split('\r\n\r\n')[1] ?? '';
    if (length !== undefined && body.length >= Number(length)) socket.destroy();
  });
  socket.on('error', reject).on('close', () => {
    resolve(answer);
  });
  return promise;
}
