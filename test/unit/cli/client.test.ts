/* eslint-disable @typescript-eslint/no-explicit-any -- the fake service gets any JSON */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createClient, delayOf, type RetryLimits } from '../../../src/cli/client.ts';
import { toFailure } from '../../../src/cli/exit.ts';
import { StemmaError } from '../../../src/errors.ts';
import type { Envelope } from '../../../src/model/event.ts';
import type { Receipt } from '../../../src/model/receipt.ts';

const QUICK: RetryLimits = { attempts: 5, firstDelayMs: 1, longestDelayMs: 2 };
const WAIT = { wait: 'ACCEPTED', waitMs: 10 } as const;
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Answer = { status?: number; headers?: Record<string, string>; body: unknown };

/** A service that answers as the test says; `body` is what was posted. */
async function serve(
  answer: (body: any, request: IncomingMessage, response: ServerResponse) => Answer | null,
) {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answered = answer(JSON.parse(Buffer.concat(chunks).toString()), request, response);
      if (answered === null) return;
      const { status = 200, headers = {}, body } = answered;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const event = (id: string) =>
  JSON.stringify({ specversion: '1.0', id, source: 'urn:ci', type: 't' });

function receipt({ id, source }: Envelope, rest: Partial<Receipt> = {}): Receipt {
  return {
    eventId: id,
    source,
    position: 1,
    status: 'ACCEPTED',
    first: null,
    error: null,
    ...rest,
  };
}

const error = (code: string, rest = {}) => ({ error: { code, message: `${code}!`, ...rest } });
const graphqlError = (code: string, rest = {}) => ({
  errors: [{ message: `${code}!`, extensions: { code, ...rest } }],
});

async function failureOf(action: Promise<unknown>) {
  const error = await action.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  return toFailure(error);
}

describe('posting events', () => {
  test('sends a batch and gives the receipts', async () => {
    let seen: { url?: string | undefined; type?: string | undefined } = {};
    const url = await serve((body: Envelope[], request) => {
      seen = { url: request.url, type: request.headers['content-type'] };
      return { status: 202, body: { receipts: body.map((one) => receipt(one)) } };
    });
    const receipts = await createClient({ url: `${url}/` }).postEvents([event('1'), event('2')], {
      wait: 'APPLIED',
      waitMs: 500,
    });
    expect(receipts.map(({ eventId }) => eventId)).toEqual(['1', '2']);
    expect(seen).toEqual({
      url: '/events?wait=applied&waitMs=500',
      type: 'application/cloudevents-batch+json',
    });
  });

  test('waits while the service is busy, and loses nothing', async () => {
    let calls = 0;
    const taken: string[] = [];
    const url = await serve((body: Envelope[]) => {
      calls += 1;
      if (calls <= 3) {
        return { status: 503, headers: { 'retry-after': '0' }, body: error('BACKPRESSURE') };
      }
      taken.push(...body.map(({ id }) => id));
      return { body: { receipts: body.map((one) => receipt(one)) } };
    });
    const waits: string[] = [];
    const client = createClient({ url, retry: QUICK, onRetry: (reason) => waits.push(reason) });
    await client.postEvents([event('1'), event('2')], WAIT);
    expect(taken).toEqual(['1', '2']);
    expect(waits).toEqual(['BACKPRESSURE!', 'BACKPRESSURE!', 'BACKPRESSURE!']);
  });

  test('gives up after a bounded number of attempts, with exit code 6', async () => {
    let calls = 0;
    const url = await serve(() => {
      calls += 1;
      return { status: 503, headers: { 'retry-after': '0' }, body: error('BACKPRESSURE') };
    });
    const client = createClient({ url, retry: QUICK });
    expect(await failureOf(client.postEvents([event('1')], WAIT))).toMatchObject({
      code: 'BACKPRESSURE',
      exitCode: 6,
    });
    expect(calls).toBe(6);
  });

  test('asks again for those receipts alone that say so', async () => {
    const batches: string[][] = [];
    const url = await serve((body: Envelope[]) => {
      batches.push(body.map(({ id }) => id));
      const busy = {
        code: 'DEPENDENCY_UNAVAILABLE',
        message: 'later',
        path: '',
        retryable: true,
      } as const;
      const receipts = body.map((one) =>
        one.id === '2' && batches.length === 1
          ? receipt(one, { status: 'REJECTED', error: busy })
          : receipt(one),
      );
      return { status: 207, body: { receipts } };
    });
    const client = createClient({ url, retry: QUICK });
    const receipts = await client.postEvents(['1', '2', '3'].map(event), WAIT);
    expect(batches).toEqual([['1', '2', '3'], ['2']]);
    expect(receipts.map(({ status }) => status)).toEqual(['ACCEPTED', 'ACCEPTED', 'ACCEPTED']);
  });

  test('goes on after a connection that broke', async () => {
    let calls = 0;
    const url = await serve((body: Envelope[], request) => {
      calls += 1;
      if (calls === 2) {
        request.socket.destroy();
        return null;
      }
      return { body: { receipts: body.map((one) => receipt(one)) } };
    });
    const client = createClient({ url, retry: QUICK });
    await client.postEvents([event('1')], WAIT);
    await expect(client.postEvents([event('2')], WAIT)).resolves.toHaveLength(1);
    expect(calls).toBe(3);
  });

  test('does not repeat what the service refuses', async () => {
    let calls = 0;
    const url = await serve(() => {
      calls += 1;
      return { status: 413, body: error('PAYLOAD_TOO_LARGE') };
    });
    const failure = await failureOf(
      createClient({ url, retry: QUICK }).postEvents([event('1')], WAIT),
    );
    expect(failure).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', message: 'PAYLOAD_TOO_LARGE!' });
    expect(calls).toBe(1);
  });
});

describe('asking', () => {
  test('sends query and variables and gives the data', async () => {
    const url = await serve((body: unknown) => ({ body: { data: { echo: body } } }));
    const answer = await createClient({ url }).graphql('query { a }', { b: 1 });
    expect(answer).toEqual({ echo: { query: 'query { a }', variables: { b: 1 } } });
  });

  test.each([
    ['BAD_USER_INPUT', 400, 2],
    ['AMBIGUOUS', 200, 2],
    ['UNAUTHENTICATED', 401, 5],
    ['FORBIDDEN', 403, 5],
    ['SCHEMA_MISSING', 503, 6],
    ['INTERNAL_SERVER_ERROR', 500, 1],
  ])('fails with the code that the service gives: %s', async (code, status, exitCode) => {
    const url = await serve(() => ({ status, body: graphqlError(code, { candidates: ['x'] }) }));
    const failure = await failureOf(createClient({ url, retry: QUICK }).graphql('query { a }'));
    expect(failure).toMatchObject({
      code,
      exitCode,
      message: `${code}!`,
      details: { candidates: ['x'] },
    });
  });

  test('says where something else answers', async () => {
    for (const body of ['<html>', {}, []]) {
      const url = await serve(() => ({ body }));
      const failure = await failureOf(createClient({ url, retry: QUICK }).graphql('query { a }'));
      expect(failure).toMatchObject({
        exitCode: 6,
        message: expect.stringContaining('not a Stemma service'),
      });
      server!.close();
    }
  });

  test('says where nobody answers, at once', async () => {
    const url = await serve(() => null);
    await new Promise((resolve) => server!.close(resolve));
    const failure = await failureOf(createClient({ url }).graphql('query { a }'));
    expect(failure).toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      exitCode: 6,
      message: `No service answers at ${url}: start it with npm start, or set STEMMA_URL or STEMMA_PORT.`,
    });
  });

  test('says what did not answer in time, and does not ask again', async () => {
    let asked = 0;
    const url = await serve(() => {
      asked += 1;
      return null;
    });
    const client = createClient({ url, retry: QUICK, timeoutMs: 50 });
    for (const question of [
      async () => client.graphql('query { a }'),
      async () => client.ask({ query: 'query { a }', variables: {} }),
    ]) {
      expect(await failureOf(question())).toMatchObject({
        ...{ code: 'TIMEOUT', exitCode: 6 },
        message: `${url}/graphql did not answer within 0.05 s: ask for less, or wait longer with --timeout.`,
      });
    }
    expect(asked).toBe(2);
  });

  test('ends with 130 when it is interrupted', async () => {
    const controller = new AbortController();
    const url = await serve(() => {
      controller.abort();
      return null;
    });
    const failure = await failureOf(
      createClient({ url, signal: controller.signal, retry: QUICK }).graphql('query { a }'),
    );
    expect(failure.exitCode).toBe(130);
  });
});

test('an interruption between two attempts ends with 130', async () => {
  const controller = new AbortController();
  const url = await serve(() => ({ status: 503, body: error('BACKPRESSURE') }));
  const onRetry = (): void => {
    controller.abort();
  };
  const client = createClient({ url, signal: controller.signal, retry: QUICK, onRetry });
  expect((await failureOf(client.postEvents([event('1')], WAIT))).exitCode).toBe(130);
});

describe('the time between attempts', () => {
  const limits = { attempts: 10, firstDelayMs: 100, longestDelayMs: 1_000 };
  const busy = new StemmaError('BACKPRESSURE', 'busy', { details: { retryAfterMs: 3_000 } });

  test('doubles up to a bound, and any part of it may be taken', () => {
    const longest = [1, 2, 3, 4, 5, 6].map((attempt) => delayOf(attempt, null, limits, () => 1));
    expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(delayOf(6, null, limits, () => 0)).toBe(0);
  });

  test('is never shorter than the service asked for', () => {
    expect(delayOf(1, busy, limits, () => 0)).toBe(3_000);
    expect(delayOf(1, busy, limits, () => 1)).toBe(3_100);
  });
});
