import { describe, expect, test } from '@jest/globals';
import { parseConcern } from '../../../src/model/concern.ts';
import { edgesOf, fixture, parse, refusalOf } from './reading.ts';

const NS = 'https://openvex.dev/ns/v0.2.0';
const IMAGE = `pkg:oci/app@sha256%3A${'b'.repeat(64)}`;

function vex(statements: readonly object[], more: object = {}): object {
  return {
    '@context': NS,
    '@id': 'https://a.example/vex',
    author: 'A',
    timestamp: '2026-01-02T00:00:00Z',
    statements,
    ...more,
  };
}

/** `status reference within`, with the reference as short as it is stated. */
function said(document: object): string[] {
  return parse(document)
    .changes.edges.filter(({ type }) => type === 'CONCERNS')
    .flatMap(({ properties, to }) =>
      (properties?.['concerns'] as string[]).map((text) => {
        const { status, purl, within } = parseConcern(text)!;
        return [status, purl ?? to.key, within].filter((part) => part !== null).join(' ');
      }),
    );
}

describe('an OpenVEX document', () => {
  test('of each version of the format says the same', () => {
    const of020 = vex([
      {
        vulnerability: { name: 'CVE-1' },
        products: [{ '@id': 'pkg:npm/a@1.0.0' }],
        status: 'fixed',
      },
    ]);
    const of001 = {
      ...vex([{ vulnerability: 'CVE-1', products: ['pkg:npm/a@1.0.0'], status: 'fixed' }]),
      '@context': 'https://openvex.dev/ns/v0.0.1',
      version: '1',
    };
    expect(said(of020)).toEqual(['fixed pkg:npm/a@1.0.0']);
    expect(said(of001)).toEqual(said(of020));
    expect(parse(of001).format).toBe('openvex-0.0.1');
    expect(said({ ...of020, '@context': '' })).toEqual(said(of020));
  });

  test.each([
    ['not_affected', ['not_affected pkg:npm/a@1.0.0']],
    ['affected', ['found pkg:npm/a@1.0.0', 'vex_affected pkg:npm/a@1.0.0']],
    ['fixed', ['fixed pkg:npm/a@1.0.0']],
    ['under_investigation', ['under_investigation pkg:npm/a@1.0.0']],
  ])('says that a product is %s', (status, expected) => {
    const products = [{ '@id': 'pkg:npm/a@1.0.0' }];
    expect(said(vex([{ vulnerability: { name: 'CVE-1' }, products, status }]))).toEqual(expected);
  });

  test('says it of a component inside of its product alone', () => {
    const products = [{ '@id': IMAGE, subcomponents: [{ '@id': 'pkg:npm/a@1.0.0' }] }];
    expect(
      said(vex([{ vulnerability: { name: 'CVE-1' }, products, status: 'not_affected' }])),
    ).toEqual([`not_affected pkg:npm/a@1.0.0 Artifact:sha256:${'b'.repeat(64)}`]);
  });

  test('knows a product by the digest of its bytes before its names', () => {
    const products = [
      {
        '@id': 'app:v1',
        identifiers: { purl: 'pkg:generic/app@1' },
        hashes: { 'sha-256': 'c'.repeat(64) },
      },
      { '@id': 'app:v2', identifiers: { purl: 'pkg:generic/app@2' } },
    ];
    expect(said(vex([{ vulnerability: { name: 'CVE-1' }, products, status: 'fixed' }]))).toEqual([
      `fixed sha256:${'c'.repeat(64)}`,
      'fixed pkg:generic/app@2',
    ]);
  });

  test('of two statements on one product the later counts, wherever it stands', () => {
    const statement = (status: string, timestamp: string) => ({
      ...{ vulnerability: { name: 'CVE-1' }, products: [{ '@id': IMAGE }], status, timestamp },
    });
    expect(
      said(
        vex([
          statement('fixed', '2026-01-03T00:00:00Z'),
          statement('affected', '2026-01-01T00:00:00Z'),
        ]),
      ),
    ).toEqual([`fixed sha256:${'b'.repeat(64)}`]);
  });

  test('tells aliases of its vulnerabilities', () => {
    const vulnerability = { name: 'CVE-1', aliases: ['GHSA-1', 'CVE-1'] };
    const { changes } = parse(
      vex([{ vulnerability, products: [{ '@id': IMAGE }], status: 'fixed' }]),
    );
    expect(edgesOf(changes, 'SAME_AS')).toEqual([
      'Vulnerability CVE-1 -SAME_AS-> Vulnerability GHSA-1',
      'Vulnerability GHSA-1 -SAME_AS-> Vulnerability CVE-1',
    ]);
  });

  test('goes in without what cannot be read of it, which is named', () => {
    const { changes, warnings } = parse(
      vex([
        {
          vulnerability: { name: 'CVE-1' },
          products: [{ '@id': IMAGE }, { '@id': 'the app' }],
          status: 'fixed',
        },
        { vulnerability: { name: 'CVE-2' }, products: [], status: 'fixed' },
        { vulnerability: {}, products: [{ '@id': IMAGE }], status: 'fixed' },
        { vulnerability: { name: 'CVE-3' }, products: [{ '@id': IMAGE }], status: 'odd' },
      ]),
    );
    expect(edgesOf(changes, 'CONCERNS')).toHaveLength(1);
    expect(warnings.map(({ message }) => message)).toEqual([
      "'statements.0.products.1' (the app) is neither a package URL, a digest nor a URI: it is left out.",
      "'statements.1' names no product: it is left out.",
      "'statements.2' names no vulnerability: it is left out.",
      "'statements.3' has the status 'odd': it is left out.",
    ]);
  });

  test.each([
    [
      'v0.0.1.json',
      [
        'fixed pkg:apk/wolfi/git@2.39.0-r1?arch=armv7',
        'fixed pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64',
      ],
    ],
    [
      'subcomponent.json',
      [
        `not_affected pkg:golang/github.com/go-jose/go-jose/v4@v4.0.2 Artifact:sha256:9579c854c652497e48a7bfc278149b12bdd0e3c2189f0c3b42bda4366cf9b15d`,
      ],
    ],
    [
      'history.json',
      ['not_affected sha256:13d22ec63300e16014d4a42aed735207a8b33c223cff19627dd3042e5a10a3a0'],
    ],
  ])('of the world, %s, says what it says', (name, expected) => {
    expect(said(JSON.parse(fixture(`openvex/${name}`)) as object)).toEqual(expected);
  });

  test('without a statement is refused', () => {
    expect(refusalOf(vex([]))).toMatch(/MALFORMED: The OpenVEX document has no statement/);
  });
});
