import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import type { Publisher } from '../../../src/model/receipt.ts';
import {
  artifactEvent,
  DIGEST,
  edgeIntake,
  memoryPublisher,
  type MemoryPublisher,
} from '../../support/edge.ts';
import { startHttp, type Json, type TestHttp } from '../../support/http.ts';

const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const JSON_TYPE = { 'content-type': 'application/json' };

let http: TestHttp;
let publisher: MemoryPublisher;
beforeAll(async () => {
  publisher = memoryPublisher();
  const foreignPrefixes = ['com.example.', 'com.github.', 'example.', 'io.cloudevents.'];
  const { intake } = edgeIntake({ publisher, foreignPrefixes });
  http = await startHttp({ intake });
});
afterAll(async () => http.stop());

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  path = '/events',
  to = http,
) {
  const response = await fetch(to.address + path, { method: 'POST', headers, body });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Json,
  };
}

let serial = 0;
/** An event that no other test sends. */
function fresh(changes: Record<string, unknown> = {}) {
  serial += 1;
  return artifactEvent({ id: `e-${serial}`, ...changes });
}

describe('POST /events', () => {
  test.each([
    ['structured', STRUCTURED],
    ['as plain JSON', JSON_TYPE],
  ])('takes one event %s, byte for byte', async (_, headers) => {
    const raw = JSON.stringify(fresh(), null, 2);
    const answer = await post(raw, headers);
    expect(answer.status).toBe(202);
    expect(answer.body.receipts).toEqual([
      {
        eventId: `e-${serial}`,
        source: 'https://ci.example.com/shop',
        position: publisher.appended.length,
        status: 'ACCEPTED',
        first: null,
        error: null,
      },
    ]);
    expect(publisher.appended.at(-1)?.raw).toBe(raw);
  });

  test.each([
    ['batch', BATCH],
    ['plain JSON', JSON_TYPE],
  ])('takes a list as %s, and reports each event in its place', async (_, headers) => {
    const [one, two] = [JSON.stringify(fresh(), null, 1), JSON.stringify(fresh())];
    const twice = JSON.stringify(fresh()).replace('{', '{"id":"x",');
    const answer = await post(`[ ${one} , ${twice},${two}, 7 ]`, headers);
    expect(answer.status).toBe(207);
    expect(
      answer.body.receipts.map((receipt: Json) => [receipt.status, receipt.error?.reason]),
    ).toEqual([
      ['ACCEPTED', undefined],
      ['REJECTED', 'JSON_DUPLICATE_KEY'],
      ['ACCEPTED', undefined],
      ['REJECTED', undefined],
    ]);
    expect(answer.body.receipts[1].error.path).toBe('events.1.id');
    expect(publisher.appended.slice(-2).map(({ raw }) => raw)).toEqual([one, two]);
  });

  test('takes a binary event: percent-encoded attributes, JSON data as sent', async () => {
    const answer = await post(`{ "digest": "${DIGEST}",\n"name":"a" }`, {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'CE-Type': 'artifact.created',
      'ce-source': '/caf%C3%A9/%25',
      'ce-id': '"quoted \\"id%E2%82%AC\\""',
      'ce-time': '2026-11-21T10:00:00Z',
      'ce-correlationid': '100%',
    });
    expect(answer.body.receipts[0]).toMatchObject({
      status: 'ACCEPTED',
      source: '/café/%',
      eventId: 'quoted "id€"',
    });
    const accepted = publisher.appended.at(-1);
    expect(accepted?.event.envelope).toMatchObject({
      correlationid: '100%',
      datacontenttype: 'application/json',
    });
    expect(accepted?.raw).toContain(`"data":{ "digest": "${DIGEST}",\n"name":"a" }}`);
    expect(JSON.parse(accepted?.raw ?? '')).toEqual(accepted?.event.envelope);
  });

  // conformance/yaml/v1.0/v1_minimum.yaml of cloudevents/conformance
  test.each<[string, string, unknown]>([
    ['text/plain; charset=us-ascii', 'Hello, World!\n', 'Hello, World!\n'],
    ['text/plain; charset=utf-8', 'Hello, 🌎!\n', 'Hello, 🌎!\n'],
    ['application/json; charset=utf-8', '"Hello, 🌎!"', 'Hello, 🌎!'],
    ['application/json; charset=utf-8', '{"msg":"Hello, 🌎!"}', { msg: 'Hello, 🌎!' }],
    ['application/json; charset=utf-8', '["Hello","🌎!"]', ['Hello', '🌎!']],
    ['application/xml; charset=utf-8', '<msg>Hello, 🌎!</msg>', '<msg>Hello, 🌎!</msg>'],
  ])(
    'takes the minimal binary event of the conformance suite with %s: %s',
    async (type, body, data) => {
      serial += 1;
      const answer = await post(body, {
        'content-type': type,
        'ce-specversion': '1.0',
        'ce-type': 'io.cloudevents.minimum',
        'ce-id': `conformance-${serial}`,
        'ce-source': '//github.com/cloudevents/cloudeventsconformance/yaml/v1.yaml',
      });
      expect(answer.status).toBe(202);
      expect(publisher.appended.at(-1)?.event.envelope).toMatchObject({
        data,
        datacontenttype: type,
      });
    },
  );

  test('takes binary data that is neither JSON nor text as base64, and an event without data', async () => {
    const headers = { 'ce-specversion': '1.0', 'ce-type': 'com.example.x', 'ce-source': '/s' };
    const bytes = new Uint8Array([0, 255, 1]);
    await post(bytes, { ...headers, 'ce-id': 'bytes', 'content-type': 'application/octet-stream' });
    expect(publisher.appended.at(-1)?.event.envelope.data_base64).toBe('AP8B');
    const response = await fetch(`${http.address}/events`, {
      method: 'POST',
      headers: { ...headers, 'ce-id': 'none' },
    });
    expect(response.status).toBe(202);
    expect(publisher.appended.at(-1)?.raw).not.toContain('data');
  });

  test.each<[string, string, Record<string, string>, string]>([
    ['a body that closes the envelope', '1},"id":"other","x":{"y":2', {}, 'JSON_SYNTAX'],
    ['__proto__ in the data', '{"__proto__":{}}', {}, 'JSON_FORBIDDEN_KEY'],
    ['an attribute name with a hyphen', '{}', { 'ce-my-name': 'x' }, 'CE_HEADER_INVALID'],
    ['a data attribute as a header', '{}', { 'ce-data': 'x' }, 'CE_HEADER_INVALID'],
    ['bytes that are no UTF-8', '{}', { 'ce-subject': '%FF' }, 'CE_HEADER_INVALID'],
    ['a NUL in an attribute', '{}', { 'ce-subject': 'a%00' }, 'JSON_NUL'],
  ])('F31 refuses a binary event with %s', async (_, body, headers, reason) => {
    const answer = await post(body, {
      ...JSON_TYPE,
      'ce-specversion': '1.0',
      'ce-type': 'artifact.created',
      'ce-source': '/s',
      'ce-id': 'b',
      ...headers,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error.reason).toBe(reason);
  });

  test.each<[string, number, string]>([
    ['formats_json-format-2.json', 202, 'null attributes count as absent'],
    ['formats_json-format-4.json', 202, 'data may be a string'],
    ['extensions_correlation-0.json', 202, ''],
    ['extensions_dataref-0.json', 202, ''],
    ['extensions_verifiability-0.json', 202, ''],
    ['sdk-v1-structured-0.json', 202, ''],
    ['sdk-v1-structured-2.json', 202, 'JSON in base64'],
    ['formats_json-format-0.json', 400, 'its data_base64 is a placeholder'],
    ['formats_json-format-6.json', 207, 'a batch whose first event has the placeholder'],
    ['sdk-v03-structured-1.json', 400, 'version 0.3'],
  ])('answers the CloudEvents document %s with %d (%s)', async (name, status) => {
    const body = readFileSync(
      join(import.meta.dirname, '../../fixtures/cloudevents', name),
      'utf8',
    );
    expect((await post(body, body.trimStart().startsWith('[') ? BATCH : STRUCTURED)).status).toBe(
      status,
    );
  });

  test('takes a bare CDEvent and an agent event', async () => {
    const agent = {
      type: 'WORKFLOW_STARTED',
      workflow_id: 'wf-9',
      source_agent: 'planner',
      timestamp: '2026-11-21T10:00:00Z',
    };
    const file = join(import.meta.dirname, '../../fixtures/cdevents/build_started.json');
    for (const [text, type] of [
      [JSON.stringify(agent), 'workflow.started'],
      [readFileSync(file, 'utf8'), 'build.started'],
    ] as const) {
      const answer = await post(text, JSON_TYPE);
      expect(answer).toMatchObject({ status: 202, body: { receipts: [{ status: 'ACCEPTED' }] } });
      expect(publisher.appended.at(-1)?.event.envelope.type).toBe(type);
    }
  });

  test.each([
    ['text/plain', '{}'],
    ['application/xml', '<a/>'],
    ['application/cloudevents+avro', 'x'],
  ])('answers the media type %s with 415', async (type, body) => {
    expect(await post(body, { 'content-type': type })).toMatchObject({
      status: 415,
      body: { error: { code: 'BAD_REQUEST', reason: 'MEDIA_TYPE_UNSUPPORTED' } },
    });
  });

  test.each<[string, Record<string, string>, string, string]>([
    ['malformed JSON', STRUCTURED, '{"id":', 'BAD_REQUEST'],
    ['an empty body', STRUCTURED, '', 'BAD_REQUEST'],
    ['null', JSON_TYPE, 'null', 'BAD_REQUEST'],
    ['a list as one event', STRUCTURED, '[]', 'BAD_REQUEST'],
    ['one event as a batch', BATCH, '{}', 'BAD_REQUEST'],
    [
      'a batch that breaks off after a good event',
      BATCH,
      `[${JSON.stringify(artifactEvent({ id: 'never' }))},`,
      'BAD_REQUEST',
    ],
    ['F31 a comment', JSON_TYPE, '{/**/}', 'BAD_USER_INPUT'],
    ['F31 NaN', JSON_TYPE, '[NaN]', 'BAD_USER_INPUT'],
    ['F30 100,000 levels', JSON_TYPE, '['.repeat(100_000), 'PAYLOAD_TOO_DEEP'],
  ])('S22 answers %s with 400, and accepts nothing', async (_, headers, body, code) => {
    const before = publisher.appended.length;
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, retryable: false } } });
    expect(publisher.appended).toHaveLength(before);
  });

  test('F29 refuses one event of more than 1 MiB before it is parsed', async () => {
    const raw = JSON.stringify(fresh());
    const exact = raw + ' '.repeat(1024 * 1024 - raw.length);
    expect((await post(exact, STRUCTURED)).status).toBe(202);
    expect(await post(`${exact} `, STRUCTURED)).toMatchObject({
      status: 413,
      body: { error: { code: 'PAYLOAD_TOO_LARGE' } },
    });
    expect(
      (
        await post(
          `[${JSON.stringify(fresh())},${JSON.stringify(fresh({ id: 'big' }))}${' '.repeat(2 ** 20)}]`,
          BATCH,
        )
      ).status,
    ).toBe(202);
  });

  test('refuses more than 10,000 events', async () => {
    const answer = await post(`[${'0,'.repeat(10_000)}0]`, BATCH);
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'PAYLOAD_TOO_LARGE' } } });
  });

  test('answers 400 where all are rejected, 200 where all are duplicates or the list is empty', async () => {
    expect((await post('[{},{}]', BATCH)).status).toBe(400);
    const raw = JSON.stringify(fresh());
    await post(raw, STRUCTURED);
    expect(await post(raw, STRUCTURED)).toMatchObject({
      status: 200,
      body: { receipts: [{ status: 'DUPLICATE' }] },
    });
    expect(await post('[]', BATCH)).toMatchObject({ status: 200, body: { receipts: [] } });
  });

  test.each(['?wait=soon', '?wait=applied&waitMs=-1', '?waitMs=x', '?wait=applied&wait=applied'])(
    'S26 refuses the query %s',
    async (search) => {
      const answer = await post(JSON.stringify(fresh()), STRUCTURED, `/events${search}`);
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BAD_USER_INPUT' } } });
    },
  );
});

describe('POST /events over a bus that', () => {
  async function withPublisher<T>(
    bus: Partial<Publisher>,
    use: (server: TestHttp) => Promise<T>,
  ): Promise<T> {
    const server = await startHttp({
      intake: edgeIntake({ publisher: { ...memoryPublisher(), ...bus } }).intake,
    });
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  }
  const failing = (error: Error): Partial<Publisher> => ({
    publish: async () => Promise.reject(error),
  });
  const send = async (server: TestHttp, path = '/events') =>
    post(JSON.stringify(artifactEvent()), STRUCTURED, path, server);

  test('applied in time is answered with 200', async () => {
    const answer = await withPublisher(
      { whenApplied: async () => ({ status: 'APPLIED', error: null }) },
      async (server) => send(server, '/events?wait=applied&waitMs=500'),
    );
    expect(answer).toMatchObject({ status: 200, body: { receipts: [{ status: 'APPLIED' }] } });
  });

  test('F26 is full: 503, BACKPRESSURE and Retry-After', async () => {
    const full = new StemmaError('BACKPRESSURE', 'The bus is full.', {
      details: { retryAfterMs: 2_500 },
    });
    const answer = await withPublisher(failing(full), async (server) => send(server));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.body.error).toMatchObject({ code: 'BACKPRESSURE', retryable: true });
  });

  test('S32 is down: 503, retryable, no host names', async () => {
    const down = new StemmaError(
      'DEPENDENCY_UNAVAILABLE',
      'connect ECONNREFUSED redis.internal:6379',
    );
    const answer = await withPublisher(failing(down), async (server) => send(server));
    expect(answer.status).toBe(503);
    expect(answer.body.error).toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', retryable: true });
    expect(JSON.stringify(answer.body)).not.toContain('redis.internal');
  });

  test('S33 throws anything: fixed text and a request id; the message is only in the log', async () => {
    await withPublisher(failing(new Error('password=hunter2')), async (server) => {
      const answer = await send(server);
      expect(answer.status).toBe(500);
      expect(answer.body.error.code).toBe('INTERNAL_SERVER_ERROR');
      expect(answer.body.error.requestId).toBe(answer.headers.get('x-request-id'));
      expect(JSON.stringify(answer.body)).not.toContain('hunter2');
      expect(server.logged).toEqual([
        expect.objectContaining({ requestId: answer.body.error.requestId }),
      ]);
    });
  });
});
