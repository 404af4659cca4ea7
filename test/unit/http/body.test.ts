import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { readBody } from '../../../src/http/body.ts';

const CHUNK = 16 * 1024;
const LIMIT = 1024 * 1024;

/** An endless source that counts what is taken from it. */
function source(chunk: Buffer) {
  const state = { given: 0 };
  const stream = new Readable({
    highWaterMark: CHUNK,
    read() {
      state.given += chunk.length;
      this.push(chunk);
    },
  });
  return { state, stream };
}

const options = { encoding: undefined, length: undefined, limitOf: () => LIMIT };

test('F29 never takes more than the limit and what is already under way', async () => {
  const { state, stream } = source(Buffer.alloc(CHUNK, 'a'));
  await expect(readBody(stream, options)).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    details: { limit: LIMIT },
  });
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  expect(state.given).toBeLessThanOrEqual(LIMIT + 3 * CHUNK);
});

test('F29 takes a body of exactly the limit, and refuses one byte more', async () => {
  const body = (size: number) => Readable.from([Buffer.alloc(size - 1, 'a'), Buffer.from('b')]);
  await expect(readBody(body(LIMIT), options)).resolves.toHaveLength(LIMIT);
  await expect(readBody(body(LIMIT + 1), options)).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  });
});

test('F29 takes nothing of a body that announces too much', async () => {
  const { state, stream } = source(Buffer.alloc(CHUNK));
  await expect(readBody(stream, { ...options, length: String(LIMIT + 1) })).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  });
  expect(state.given).toBe(0);
});

test('S23 inflates no more than the limit', async () => {
  // about 1 KiB that inflates to 1 MiB, again and again
  const { state, stream } = source(gzipSync(Buffer.alloc(LIMIT)));
  await expect(readBody(stream, { ...options, encoding: 'gzip' })).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  });
  expect(state.given).toBeLessThan(10 * CHUNK);
});

test('a list and a single event have limits of their own', async () => {
  const limitOf = (first: string | null) => (first === '[' || first === null ? 100 : 10);
  await expect(
    readBody(Readable.from([Buffer.from(`\n [${' '.repeat(50)}]`)]), { ...options, limitOf }),
  ).resolves.toHaveLength(54);
  await expect(
    readBody(Readable.from([Buffer.from(` {${' '.repeat(50)}}`)]), { ...options, limitOf }),
  ).rejects.toMatchObject({
    details: { limit: 10 },
  });
});

test('a gzip stream that is cut off is refused', async () => {
  const cut = gzipSync('x'.repeat(1000)).subarray(0, 20);
  await expect(
    readBody(Readable.from([cut]), { ...options, encoding: 'gzip' }),
  ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a request that breaks off is refused, with and without gzip', async () => {
  for (const encoding of [undefined, 'gzip']) {
    const stream = new Readable({ read: () => undefined });
    const body = readBody(stream, { ...options, encoding });
    stream.destroy(new Error('ECONNRESET'));
    await expect(body).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  }
});
