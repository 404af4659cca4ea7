import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { applyDocuments, documentEntries } from '../../../src/apply/documents.ts';
import { assembleDocument, type StoredPart } from '../../../src/apply/parts.ts';
import { decodeEntry } from '../../../src/apply/decode.ts';
import type { LogEntry } from '../../../src/graph/rows.ts';
import type { StoredDocument } from '../../../src/graph/writer.ts';
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
    expect(assembleDocument(DIGEST, parts)).toEqual({ text: TEXT, last: { n: 5, source: 's' } });
    expect(assembleDocument(DIGEST, [part(2, 1)])).toBeNull();
  });

  test('is not spoilt by a wrong part, before or after the right one', () => {
    const wrong = Buffer.from('wrong').toString('base64');
    const late = [part(1, 0), part(2, 1), part(3, 1, wrong)];
    const early = [part(1, 0, wrong, 'evil'), part(2, 0), part(3, 1)];
    expect(assembleDocument(DIGEST, late)?.last.n).toBe(2);
    expect(assembleDocument(DIGEST, early)?.last.n).toBe(3);
    expect(() => assembleDocument(DIGEST, [part(1, 0, wrong), part(2, 1)])).toThrow(
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
        writeChanges: async (entries) => void written.push(...entries),
      },
      [withdrawal],
    );
    expect(written.map(({ changes }) => changes.claim)).toEqual([DIGEST]);
  });
});

function stored(type: string, n: number, source: string, data: object) {
  const body = JSON.stringify({ data: { digest: `sha256:${DIGEST}`, ...data } });
  return { type, n, source, body, at: n, acceptedAt: n, key: `${source} ${type}-${n}` };
}
