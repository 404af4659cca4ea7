import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parsePurl, type ParsedPurl } from '../../../src/model/purl.ts';
import { writePurl, type PurlParts } from '../../../src/model/purl-text.ts';

/** Of the specification's test suite; see test/fixtures/purl/README.md. */
type Components = { readonly [K in keyof PurlParts]: PurlParts[K] | null };
type Vector = {
  readonly description: string;
  readonly expected_failure: boolean;
} & (
  | { readonly test_type: 'parse'; readonly input: string; readonly expected_output: Components }
  | { readonly test_type: 'build'; readonly input: Components; readonly expected_output: string }
  | { readonly test_type: 'validate'; readonly input: string; readonly expected_output: string }
);

const FIXTURES = new URL('../../fixtures/purl/', import.meta.url);
const vectors = ['types', 'spec'].flatMap((folder) =>
  readdirSync(new URL(folder, FIXTURES)).flatMap((file) => {
    const text = readFileSync(new URL(`${folder}/${file}`, FIXTURES), 'utf8');
    const { tests } = JSON.parse(text) as { tests: Vector[] }; // the form that the suite's schema describes
    return tests.map((vector, at) => [`${file} ${at} ${vector.test_type}`, vector] as const);
  }),
);

/** One package of the registry has its id in any case, so it is one thing here: docs/decisions/0004-package-urls.md. */
const isFolded = (text: string) => /^pkg:nuget\//i.test(text);

function written(components: Components): string {
  const { type, name, qualifiers, ...rest } = components;
  return writePurl({ ...rest, type: type ?? '', name: name ?? '', qualifiers: qualifiers ?? {} });
}

function componentsOf({ type, namespace, name, version, qualifiers, subpath }: ParsedPurl) {
  return { type, namespace, name, version, qualifiers: { ...qualifiers }, subpath };
}

describe('the test suite of the package URL specification', () => {
  it('is here as a whole', () => {
    expect(vectors.length).toBe(304);
  });

  it.each(vectors)('%s', (_, vector) => {
    const text = vector.test_type === 'build' ? written(vector.input) : vector.input;
    if (vector.expected_failure) {
      expect(() => parsePurl(text)).toThrow('is not a package URL');
      return;
    }
    const parsed = parsePurl(text);
    if (vector.test_type !== 'parse') {
      const { expected_output: expected } = vector;
      expect(parsed.purl).toBe(isFolded(expected) ? expected.toLowerCase() : expected);
      return;
    }
    const { qualifiers, namespace, name, version, subpath, type } = vector.expected_output;
    expect(componentsOf(parsed)).toEqual({
      ...{ type, namespace: namespace ?? null, version: version ?? null },
      name: isFolded(text) ? name?.toLowerCase() : name,
      qualifiers: qualifiers ?? {},
      subpath: subpath ?? null,
    });
  });

  it.each(vectors.filter(([, { expected_failure: fails }]) => !fails))(
    'gives a canonical form that is read as itself: %s',
    (_, vector) => {
      const text = vector.test_type === 'build' ? written(vector.input) : vector.input;
      const { purl, packageKey } = parsePurl(text);
      expect(parsePurl(purl).purl).toBe(purl);
      expect(parsePurl(packageKey).packageKey).toBe(packageKey);
    },
  );
});
