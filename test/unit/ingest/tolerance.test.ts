import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hasComplaints, hasRefusals, type IngestReport } from '../../../src/ingest/report.ts';
import { bom, dsse, provenanceV1, statement } from '../documents/reading.ts';
import { OPTIONS, run } from './ingesting.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stemma-tolerance-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const PROVENANCE = dsse(
  provenanceV1({}, { builder: { id: 'https://ci.example/b' }, metadata: { invocationId: '1' } }),
);
const SIGNATURE = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {},
  messageSignature: { signature: 'AA==' },
};
const OTHERS: readonly (readonly [string, unknown])[] = [
  ['a payload of another type', dsse('<x/>', { payloadType: 'application/vnd.acme+xml' })],
  ['a signature over a file', SIGNATURE],
  ['an SPDX 3 document', { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld' }],
  ['a statement of a version to come', { _type: 'https://in-toto.io/Statement/v9', subject: [] }],
  ['something of nobody', { hello: 'world' }],
  ['a number', 7],
];

async function ingestText(text: string | Buffer): Promise<IngestReport> {
  const file = join(dir, 'input');
  writeFileSync(file, text);
  return run([file]);
}
const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');

describe('a part of another kind beside what is read', () => {
  test.each(OTHERS)('in JSON lines is skipped and named: %s', async (_what, other) => {
    const report = await ingestText(lines(PROVENANCE, other));
    expect(report).toMatchObject({ accepted: 1, refused: 0, events: 1, skipped: 1 });
    expect(report.files).toMatchObject([
      {
        outcome: 'accepted',
        reason: expect.stringMatching(/^1 of 2 parts was skipped \(line 2\): /),
        skipped: [{ line: 2, reason: expect.any(String) }],
      },
    ]);
    expect(report.files[0]).not.toHaveProperty('errors');
    expect(hasRefusals(report)).toBe(false);
    expect(hasComplaints(report)).toBe(true);
  });

  test('in a list, or in the answer of the npm registry, is skipped as well', async () => {
    const list = await ingestText(JSON.stringify([SIGNATURE, PROVENANCE]));
    expect(list).toMatchObject({ accepted: 1, skipped: 1, files: [{ outcome: 'accepted' }] });
    const bundle = { ...SIGNATURE, messageSignature: undefined, dsseEnvelope: PROVENANCE };
    const npm = await ingestText(
      JSON.stringify({ attestations: [{ bundle }, { bundle: SIGNATURE }] }),
    );
    expect(npm).toMatchObject({ accepted: 1, skipped: 1 });
    expect(hasRefusals(npm)).toBe(false);
  });

  test('is all there is: then nothing was read, and the file is refused', async () => {
    const report = await ingestText(lines(SIGNATURE, { hello: 'world' }));
    expect(report).toMatchObject({ accepted: 0, refused: 1, skipped: 0 });
    expect(report.files).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(/^all 2 parts were refused/) },
    ]);
    expect(hasRefusals(report)).toBe(true);
  });

  test('never hides a part that is broken', async () => {
    const report = await ingestText(`${lines(PROVENANCE, SIGNATURE)}\n{"payload": `);
    expect(report.files).toMatchObject([
      {
        outcome: 'accepted',
        reason: expect.stringMatching(/^1 of 3 parts were refused \(line 3\)/),
        errors: [{ line: 3 }],
        skipped: [{ line: 2 }],
      },
    ]);
    expect(hasRefusals(report)).toBe(true);
  });

  test('is counted, however many there are', async () => {
    const report = await ingestText(lines(PROVENANCE, ...Array.from({ length: 250 }, () => 7)));
    expect(report.skipped).toBe(250);
    expect(report.files[0]?.skipped).toHaveLength(100);
  });
});

describe('warnings', () => {
  test('of a document are told, and are not a refusal', async () => {
    const report = await ingestText(
      JSON.stringify(
        bom({
          components: [{ type: 'library', name: 'a', purl: 'x', licenses: [{ license: {} }] }],
        }),
      ),
    );
    expect(report).toMatchObject({ accepted: 1, refused: 0, warnings: 2 });
    expect(report.files).toMatchObject([
      {
        outcome: 'accepted',
        reason: expect.stringMatching(/^2 warnings: 'components\.0\.purl'/),
        warnings: [
          { reason: expect.stringContaining('not a package URL') },
          { reason: expect.stringContaining('By the schema of CycloneDX 1.6') },
        ],
      },
    ]);
    expect(hasRefusals(report)).toBe(false);
    expect(hasComplaints(report)).toBe(true);
  });

  test('are none of a document that is read as a whole', async () => {
    const report = await ingestText(JSON.stringify(PROVENANCE));
    expect(report.files).toEqual([expect.objectContaining({ outcome: 'accepted', reason: null })]);
    expect(hasComplaints(report)).toBe(false);
  });
});

describe('an input that is packed', () => {
  const text = JSON.stringify(PROVENANCE);
  test.each([
    ['with gzip', gzipSync(text)],
    ['as base64', Buffer.from(text).toString('base64')],
    ['as base64 in lines', Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n')],
    ['as base64 of gzip', gzipSync(text).toString('base64')],
    ['with gzip, JSON lines in it', gzipSync(`${text}\n`)],
  ])('%s is what was packed', async (_what, input) => {
    const packed = await ingestText(input);
    const plain = await ingestText(text);
    expect(packed.files).toEqual(plain.files);
    expect(packed).toMatchObject({ accepted: 1, events: 1 });
  });

  test.each([
    ['a stream that ends early', gzipSync(text).subarray(0, 60), /not a whole gzip file/],
    ['a binary file', gzipSync(Buffer.from([0, 1, 2, 3])), /packed with gzip, .* binary file/],
    [
      'base64 of no JSON',
      Buffer.from('plain words').toString('base64'),
      /not a provenance document/,
    ],
  ])('says why it is not read: %s', async (_what, input, reason) => {
    const report = await ingestText(input);
    expect(report.files).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(reason) },
    ]);
  });

  test('is not unpacked beyond the limit of a document', async () => {
    const file = join(dir, 'bomb.gz');
    writeFileSync(file, gzipSync(Buffer.alloc(5_000_000, ' ')));
    const report = await run([file], { recognise: { ...OPTIONS, maxDocumentBytes: 100_000 } });
    expect(report.files).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('at most 100000 are taken') },
    ]);
  });
});

test('a predicate that is not read is a warning of the attestation, which is taken', async () => {
  const report = await ingestText(
    JSON.stringify(dsse(statement({ predicateType: 'https://spdx.dev/Document', predicate: {} }))),
  );
  expect(report.files).toMatchObject([
    { outcome: 'accepted', events: 1, reason: expect.stringContaining('SPDX') },
  ]);
});
