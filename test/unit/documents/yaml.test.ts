import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseYaml } from '../../../src/documents/yaml.ts';
import { sha256 } from '../../../src/model/event.ts';
import { dsse, edgesOf, fixture, nodeOf, parse, refusalOf, statement } from './reading.ts';

/** Without what depends on the bytes: the document itself. */
function said(text: string): unknown {
  const { format, changes, warnings } = parse(text);
  const own = sha256(text);
  const rest = JSON.parse(JSON.stringify(changes).replaceAll(own, 'DOCUMENT')) as object;
  return JSON.parse(
    JSON.stringify({ format, rest, warnings })
      .replace(/"size":\d+/, '"size":0')
      .replace(/"mediaType":"[^"]*"/, '"mediaType":null'),
  );
}

describe('a document in YAML', () => {
  test.each([
    'osv/go.json',
    'osv/npm-ghsa.json',
    'spdx/ubi9-micro-2.3.json',
    'openvex/history.json',
  ])('%s says what its JSON says', (name) => {
    const text = fixture(name);
    expect(said(stringify(JSON.parse(text), { version: '1.2' }))).toEqual(said(text));
  });

  test('of another project keeps the versions that it is about', () => {
    const { format, changes, warnings } = parse(fixture('osv/pypi.yaml'));
    expect([format, warnings]).toEqual(['osv', []]);
    const concerns = changes.edges.flatMap(({ properties }) => properties?.['concerns'] ?? []);
    expect(concerns.join()).toContain('vers:pypi/>=1.9|<1.9.1');
  });

  test('has the digest of its own bytes', () => {
    const text = 'id: OSV-1\nmodified: 2024-01-02T03:04:05Z\naliases: [CVE-2024-1]\n';
    expect(nodeOf(parse(text).changes, 'Document')?.key).toBe(sha256(text));
  });

  test('keeps the digits of a version, and a date as it is written', () => {
    expect(
      parseYaml(
        'a: 1.10\nb: 2024-01-02T03:04:05Z\nc: 12\nd: 0x1F\ne: 007\nf: 1e3\ng: yes\nh: 12345678901234567890\ni: true\nj: ~',
      ),
    ).toEqual({
      ...{ a: '1.10', b: '2024-01-02T03:04:05Z', c: 12, d: '0x1F', e: '007', f: '1e3', g: 'yes' },
      ...{ h: '12345678901234567890', i: true, j: null },
    });
  });

  test('is read in an attestation, as text and in the wrapper of cosign', () => {
    const yaml = stringify(JSON.parse(fixture('spdx/alpine-small-2.2.json')));
    const predicateType = 'https://spdx.dev/Document';
    for (const predicate of [
      yaml,
      { Data: yaml },
      { Data: Buffer.from(yaml).toString('base64') },
    ]) {
      const { changes, format } = parse(dsse(statement({ predicateType, predicate })));
      expect(format).toContain('spdx-2.2');
      expect(edgesOf(changes, 'CONTAINS').length).toBeGreaterThan(2);
    }
  });

  test.each([
    [
      'id: a\nid: b\n',
      /MALFORMED: The document is not YAML: The key 'id' is there twice \(line 2\)/,
    ],
    ['id: a\n b: c\n  - d\n', /MALFORMED: The document is not YAML: .* \(line 1\)/],
    ['---\nid: a\n---\nid: b\n', /UNSUPPORTED: The YAML text holds 2 documents/],
    [`a: ${'['.repeat(500)}${']'.repeat(500)}\n`, /MALFORMED: The YAML text is nested too deeply/],
    [`a: ${'['.repeat(200_000)}`, /MALFORMED: The YAML text is nested too deeply/],
    [
      `a: &a [x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[at]}`).join(', ')}]`).join('\n')}\n`,
      /MALFORMED: The YAML text repeats itself by aliases/,
    ],
    [`a: ${'x'.repeat(1024 * 1024)}\n`, /UNSUPPORTED: The YAML text has \d+ bytes; at most/],
    ['apiVersion: v1\nkind: Pod\n', /UNSUPPORTED: .*its members are apiVersion, kind/],
    ['- a\n- b\n', /UNSUPPORTED: The document is not an object/],
    ['a few words of text', /MALFORMED: The document is not JSON/],
  ])('%j is refused', (text, message) => {
    expect(refusalOf(text)).toMatch(message);
  });
});
