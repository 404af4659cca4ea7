import { describe, expect, test } from '@jest/globals';
import { splitDocument, splitJsonLines } from '../../../src/documents/split.ts';
import { dsse, fixture, parse, refusalOf, statement } from './reading.ts';

describe('a text with several documents', () => {
  test('is split by line; a bad line is named and the others go in', () => {
    const parts = splitDocument(fixture('intoto/bad-line.jsonl'));
    expect(parts.map(({ where, text }) => [where, refusalOf(text).slice(0, 44)])).toEqual([
      ['line 1', 'accepted'],
      ['line 2', 'DOCUMENT_MALFORMED: The document is not JSON'],
      ['line 3', 'accepted'],
    ]);
  });

  test('counts empty lines but does not return them', () => {
    expect(splitJsonLines('{"a":1}\r\n\r\n{"b":2}\n')).toEqual([
      { line: 1, text: '{"a":1}' },
      { line: 3, text: '{"b":2}' },
    ]);
  });

  test('may be what gcloud says of an image: every envelope is a document', () => {
    const parts = splitDocument(fixture('intoto/gcloud-describe.json'));
    expect(parts.map(({ where }) => where)).toEqual(
      [0, 1, 2].map((n) => `provenance_summary.provenance.${n}.envelope`),
    );
    for (const { text } of parts) {
      expect(parse(text).format).toBe('dsse+in-toto-v0.1+slsa-provenance-v0.1');
    }
  });

  test('may be what the npm registry says of a version: every bundle is a document', () => {
    const parts = splitDocument(fixture('intoto/npm-attestations-tampered.json'));
    expect(parts.map(({ where, text }) => [where, refusalOf(text).slice(0, 18)])).toEqual([
      ['attestations.0.bundle', 'accepted'],
      ['attestations.1.bundle', 'DOCUMENT_MALFORMED'],
    ]);
  });

  const record = (id: string) => ({ id, modified: '2026-05-01T00:00:00Z', affected: [] });
  const attested = {
    bundle: {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {},
      dsseEnvelope: dsse(statement()),
    },
    bundle_url: 'https://x.example',
  };
  test.each([
    ['a list of documents', [statement(), record('GHSA-a')], ['0', '1']],
    [
      'what OSV answers for a package',
      { vulns: [record('A'), record('B')] },
      ['vulns.0', 'vulns.1'],
    ],
    [
      'what GitHub answers for a digest',
      { attestations: [{ ...attested, repository_id: 4 }] },
      ['attestations.0.bundle'],
    ],
    [
      'what `gh attestation verify --format json` writes',
      [{ attestation: attested, verificationResult: { statement: statement() } }],
      ['0.attestation.bundle'],
    ],
    ['lists on lines', `${JSON.stringify([record('A')])}\n{"id":"B"}\n`, ['line 1, 0', 'line 2']],
  ])('may be %s', (_what, value, places) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const parts = splitDocument(text);
    expect(parts.map(({ where }) => where)).toEqual(places);
    expect(refusalOf(parts[0]!.text)).toBe('accepted');
    expect(refusalOf(text)).toMatch(/^DOCUMENT_UNSUPPORTED: The text holds .*: submit /);
  });

  test('is refused as one document, with what it holds', () => {
    expect(refusalOf(fixture('intoto/gcloud-describe.json'))).toMatch(
      /^DOCUMENT_UNSUPPORTED: The text holds 3 documents/,
    );
    expect(refusalOf(fixture('intoto/bad-line.jsonl'))).toMatch(
      /^DOCUMENT_UNSUPPORTED: The text holds 3 documents \(line 1, line 2, line 3\)/,
    );
  });
});

describe('a text with one document', () => {
  test('is returned as it is, trailing newline included', () => {
    const text = fixture('intoto/github-go-v0.2.intoto.jsonl');
    expect(splitDocument(text)).toEqual([{ text, where: '' }]);
  });

  test.each(['{\n  "a": {},\n  "b"', '[\n{}\n', 'not JSON\nat all', '', '[1]'])(
    'is not cut for its lines: %j',
    (text) => {
      expect(splitDocument(text)).toEqual([{ text, where: '' }]);
    },
  );

  test('may begin with a byte order mark', () => {
    expect(parse(`\uFEFF${JSON.stringify(statement())}`).format).toBe(
      'in-toto-v1+slsa-provenance-v1',
    );
  });
});

describe('a text that is something else', () => {
  test.each([
    [
      '{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}',
      /UNSUPPORTED: The document is an SPDX 3 document without elements/,
    ],
    [
      '{"@context":"https://openvex.dev/ns/v0.2.0"}',
      /MALFORMED: The OpenVEX document has no statement/,
    ],
    [
      '{"signed":{"_type":"link"},"signatures":[]}',
      /UNSUPPORTED: The document is an in-toto layout or link/,
    ],
    ['{"COMMIT_SHA":"x","TAG_NAME":"y"}', /UNSUPPORTED: .*its members are COMMIT_SHA, TAG_NAME/],
    ['{}', /UNSUPPORTED: .*its members are none/],
    ['null', /UNSUPPORTED: The document is not an object/],
    ['<html/>', /UNSUPPORTED: The document is XML/],
    ['{"_type":', /MALFORMED: The document is not JSON/],
    ['', /MALFORMED: The document is not JSON/],
  ])('%s', (text, reason) => {
    expect(refusalOf(text)).toMatch(reason);
  });
});
