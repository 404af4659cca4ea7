import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RawDocument } from '../../../src/http/documents.ts';
import type { AcceptOptions, Receipt } from '../../../src/model/receipt.ts';
import { startHttp, type Json, type TestHttp } from '../../support/http.ts';

const SBOM = '{"bomFormat":"CycloneDX"}';
const RECEIPT: Receipt = {
  ...{ eventId: 'e', source: 'urn:s', position: 7, status: 'ACCEPTED', first: null, error: null },
};
let http: TestHttp;
let sent: { document: RawDocument; options: AcceptOptions }[];
let receipt: Receipt;

beforeAll(async () => {
  http = await startHttp({
    documents: {
      maxBytes: 1_000,
      submit: async (document, options) => {
        sent.push({ document, options });
        return receipt;
      },
    },
  });
});
afterAll(async () => http.stop());
beforeEach(() => {
  sent = [];
  receipt = RECEIPT;
});

async function post(body: string | Buffer, query = '', headers: Record<string, string> = {}) {
  const response = await fetch(`${http.address}/documents${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.cyclonedx+json; version=1.6', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

describe('POST /documents', () => {
  test('takes the bytes as they are, with what is said of them, and gives a receipt', async () => {
    const query = '?about=sha256%3Aab&name=a.json&source=urn:ci&id=1&wait=applied&waitMs=5';
    const answer = await post(SBOM, query);
    expect(answer).toEqual({ status: 202, body: { receipts: [{ ...RECEIPT }] } });
    const [{ document, options }] = sent as [(typeof sent)[number]];
    expect(Buffer.from(document.bytes).toString()).toBe(SBOM);
    expect({ ...document, bytes: null }).toEqual({
      ...{ bytes: null, mediaType: 'application/vnd.cyclonedx+json' },
      ...{ about: 'sha256:ab', name: 'a.json', source: 'urn:ci', id: '1' },
    });
    expect(options).toEqual({ wait: 'APPLIED', waitMs: 5 });
  });

  test('inflates gzip, up to the limit', async () => {
    expect((await post(gzipSync(SBOM), '', { 'content-encoding': 'gzip' })).status).toBe(202);
    expect(Buffer.from(sent[0]!.document.bytes).toString()).toBe(SBOM);
    const bomb = await post(gzipSync('a'.repeat(1_001)), '', { 'content-encoding': 'gzip' });
    expect(bomb).toMatchObject({ status: 413, body: { error: { code: 'PAYLOAD_TOO_LARGE' } } });
    expect(sent).toHaveLength(1);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'refuses %s, which any web page may send',
    async (type) => {
      const answer = await post(SBOM, '', { 'content-type': type });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } });
      expect(sent).toEqual([]);
    },
  );

  test.each([
    'application/yaml',
    'application/xml',
    'application/vnd.cyclonedx+xml; version=1.6',
    'text/spdx',
    'text/xml',
    'text/plain',
  ])('takes %s, packed or not', async (type) => {
    const headers = { 'content-type': type, 'apollo-require-preflight': 'true' };
    expect((await post(SBOM, '', headers)).status).toBe(202);
    const packed = { ...headers, 'content-encoding': 'gzip' };
    expect((await post(gzipSync(SBOM), '', packed)).status).toBe(202);
    for (const { document } of sent) {
      expect(Buffer.from(document.bytes).toString()).toBe(SBOM);
      expect(document.mediaType).toBe(type.split(';')[0]);
    }
  });

  test('says how plain text is sent', async () => {
    const { body } = await post(SBOM, '', { 'content-type': 'text/plain' });
    expect(body.error.message).toContain("'apollo-require-preflight: true'");
  });

  test('refuses an empty body, a parameter without a value, and a wait that is none', async () => {
    expect((await post('')).body.error.message).toContain('The body is empty');
    expect((await post(SBOM, '?about=')).body.error.message).toContain("'about'");
    expect((await post(SBOM, '?wait=forever')).status).toBe(400);
    expect(sent).toEqual([]);
  });

  test('says with the status what became of it', async () => {
    receipt = { ...RECEIPT, status: 'DUPLICATE' };
    expect((await post(SBOM)).status).toBe(200);
    const error = {
      code: 'DOCUMENT_MALFORMED',
      message: 'No.',
      path: '',
      retryable: false,
    } as const;
    receipt = { ...RECEIPT, position: null, status: 'REJECTED', error };
    expect((await post(SBOM)).status).toBe(400);
  });
});
