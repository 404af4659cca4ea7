import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { applyDocuments, documentEntries } from '../../../src/apply/documents.ts';
import { decodeEntry } from '../../../src/apply/decode.ts';
import { assembleDocument, type StoredPart } from '../../../src/documents/assembly.ts';
import type { LogEntry } from '../../../src/graph/write/rows.ts';
import { mayBeWholeSince, type StoredDocument } from '../../../src/model/document-pieces.ts';
import { sha256 } from '../../../src/model/event.ts';
import { event } from '../../support/events.ts';

const TEXT = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 });
const DIGEST = sha256(TEXT);
const PACKED = gzipSync(TEXT).toString('base64');
const DATA = [PACKED.slice(0, 20), PACKED.slice(20)];

const part = (n: number, index: number, data = DATA[index]!, source = 's'): StoredPart => ({
  ...{ n, index, count: 2, data, source },
});

describe('a document in parts', () => {
  test('is whole since its last part came, whatever came again later', () => {
    const parts = [part(2, 1), part(5, 0), part(7, 1), part(9, 0)];
    expect(assembleDocument(DIGEST, [null], parts)).toEqual({
      text: TEXT,
      last: { n: 5, source: 's' },
    });
    expect(assembleDocument(DIGEST, [null], [part(2, 1)])).toBeNull();
  });

  test('is not spoilt by a wrong part, before or after the right one', () => {
    const wrong = Buffer.from('wrong').toString('base64');
    const late = [part(1, 0), part(2, 1), part(3, 1, wrong)];
    const early = [part(1, 0, wrong, 'evil'), part(2, 0), part(3, 1)];
    expect(assembleDocument(DIGEST, [null], late)?.last.n).toBe(2);
    expect(assembleDocument(DIGEST, [null], early)?.last.n).toBe(3);
    expect(() => assembleDocument(DIGEST, [null], [part(1, 0, wrong), part(2, 1)])).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_MALFORMED' }),
    );
  });

  test('has one claimant at one log number, whichever submission came first', () => {
    const document = (submissions: readonly string[]): StoredDocument => ({
      digest: DIGEST,
      events: [
        ...submissions.map((source, at) => stored('document.submitted', at + 1, source, {})),
        ...DATA.map((data, index) =>
          stored('document.part', 5 + index, 'sender', { index, count: 2, data }),
        ),
      ],
    });
    const known = (entries: readonly LogEntry[]) => entries.map(({ n, source }) => [n, source]);
    expect(known(documentEntries(document(['a', 'b'])))).toEqual([
      [6, 'sender'],
      [6, 'sender'],
    ]);
  });

  test('is written again when its claim is withdrawn, so that the withdrawal meets it', async () => {
    const withdrawal = decodeEntry({
      ...{ n: 9, acceptedAt: 1, contentHash: null },
      text: JSON.stringify(event('claim.withdrawn', { claim: DIGEST })),
    });
    const events = [
      stored('document.submitted', 1, 'a', {}),
      ...DATA.map((data, index) =>
        stored('document.part', 2 + index, 'a', { index, count: 2, data }),
      ),
    ];
    const written: LogEntry[] = [];
    await applyDocuments(
      {
        documents: async (digests) => digests.map((digest) => ({ digest, events })),
        wholeSince: async () => [],
        writeChanges: async (entries) => void written.push(...entries),
      },
      [withdrawal],
    );
    expect(written.map(({ changes }) => changes.claim)).toEqual([DIGEST]);
  });
});

describe('a document whose parts have digests of their own', () => {
  const SLICES = [TEXT.slice(0, 20), TEXT.slice(20, 40), TEXT.slice(40)];
  const LIST = SLICES.map((slice) => `sha256:${sha256(slice)}`);
  const slice = (n: number, index: number, text = SLICES[index]!, source = 'true') =>
    stored('document.part', n, source, {
      ...{ index, count: 3, partDigest: `sha256:${sha256(text)}` },
      data: gzipSync(text).toString('base64'),
    });
  const submission = (n: number, partDigests = LIST, source = 'true') =>
    stored('document.submitted', n, source, { parts: partDigests.length, partDigests });
  const document = (events: StoredDocument['events']): StoredDocument => ({
    digest: DIGEST,
    events: [...events].sort((x, y) => x.n - y.n),
  });
  const said = (events: StoredDocument['events']) =>
    documentEntries(document(events)).map(({ n, identity, changes }) => [
      n,
      identity,
      changes.claim,
    ]);

  test('is made of them in any order, and of wrong ones before, between and after them', () => {
    const orders = [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
      [2, 4, 1, 3],
    ];
    for (const [a = 0, b = 0, c = 0, s = 0] of orders) {
      const pieces = [slice(a * 10, 0), slice(b * 10, 1), slice(c * 10, 2), submission(s * 10)];
      const wrong = [5, 15, 25, 35, 45].flatMap((n) =>
        [0, 1, 2].map((index) =>
          slice(n + index, index, `wrong ${n}`, index === 0 ? 'true' : 'evil'),
        ),
      );
      const whole = [[40, `true document.submitted-${s * 10}`, DIGEST]];
      expect(said(pieces)).toEqual(whole);
      expect(said([...pieces, ...wrong])).toEqual(whole);
    }
  });

  test('is not there while one of them is missing, whatever else came in its place', () => {
    expect(said([slice(1, 0), slice(2, 1), slice(3, 2, 'wrong'), submission(4)])).toEqual([]);
  });

  test('survives hundreds of wrong parts, and lists that are wrong', () => {
    const wrong = Array.from({ length: 300 }, (_, at) =>
      slice(at + 1, at % 3, `wrong ${at}`, 'true'),
    );
    const lie = ['wrong 0', 'wrong 1', 'wrong 2'].map((text) => `sha256:${sha256(text)}`);
    const pieces = [slice(501, 0), slice(502, 1), slice(503, 2), submission(504)];
    expect(said([...wrong, submission(400, lie, 'evil'), ...pieces])).toContainEqual([
      ...[504, 'true document.submitted-504', DIGEST],
    ]);
  });

  test('is told to whoever submits it with a list of other bytes, and to nobody else', async () => {
    const lie = [`sha256:${sha256('wrong')}`];
    const events = [slice(1, 0, 'wrong'), submission(2, lie)];
    const apply = async (own: (typeof events)[number]) =>
      applyDocuments(
        {
          documents: async () => [],
          wholeSince: async () => [document(events)],
          writeChanges: async () => undefined,
        },
        [logged(own)],
      );
    await expect(apply(events[1]!)).rejects.toMatchObject({ code: 'DOCUMENT_MALFORMED' });
    expect(await apply(events[0]!)).toEqual([]);
  });

  test('is read once, when its last piece has come, and not for the sake of others', () => {
    const pieces = [submission(1), slice(2, 0), slice(3, 1), slice(4, 2)];
    const noise = [slice(5, 0, 'wrong', 'evil'), slice(6, 0, SLICES[0], 'again')];
    const reads = (events: StoredDocument['events']) =>
      events.filter(({ n: own }) =>
        mayBeWholeSince(document(events.filter(({ n }) => n <= own)), (n) => n === own),
      );
    expect(reads([...pieces, ...noise]).map(({ n }) => n)).toEqual([4]);
  });
});

function logged({ n, body, type, key, source }: StoredDocument['events'][number]) {
  const envelope = { specversion: '1.0', id: key, source, type, ...(JSON.parse(body) as object) };
  return decodeEntry({ n, acceptedAt: 1, contentHash: null, text: JSON.stringify(envelope) });
}

function stored(type: string, n: number, source: string, data: object) {
  const body = JSON.stringify({ data: { digest: `sha256:${DIGEST}`, ...data } });
  const { partDigest = null } = data as { partDigest?: string };
  return { type, n, source, body, partDigest, at: n, acceptedAt: n, key: `${source} ${type}-${n}` };
}
