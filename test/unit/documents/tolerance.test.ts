import { describe, expect, test } from '@jest/globals';
import { bom, DIGEST, edgesOf, keysOf, nodeOf, parse, refusalOf } from './reading.ts';

const image = { type: 'container', name: 'registry.example/app', version: `sha256:${DIGEST}` };
const library = (name: string, more: Record<string, unknown> = {}) => ({
  type: 'library',
  'bom-ref': name,
  name,
  version: '1.0.0',
  purl: `pkg:npm/${name}@1.0.0`,
  ...more,
});
const sbom = (components: unknown, more: Record<string, unknown> = {}) =>
  bom({ metadata: { component: image }, components, ...more });

function read(document: Record<string, unknown>) {
  const { changes, warnings } = parse(document);
  const facets = nodeOf(changes, 'Document')?.facets as Record<string, Record<string, unknown>>;
  return {
    contains: edgesOf(changes, 'CONTAINS').map((edge) => edge.replace(/^.*-> /, '')),
    warned: warnings.map(({ path }) => path),
    kept: facets['warnings']?.['warnings'],
    complete: facets['content']?.['complete'],
    changes,
  };
}

const A = 'PackageVersion pkg:npm/a@1.0.0';
const B = 'PackageVersion pkg:npm/b@1.0.0';

describe('what changes nothing of what a CycloneDX document says does not stop it', () => {
  test.each([
    ['a dependency twice', { dependencies: [{ ref: 'a', dependsOn: ['b', 'b'] }] }],
    ['a dependency entry twice', { dependencies: [{ ref: 'a' }, { ref: 'a' }] }],
    ['an unknown member', { generatedBy: 'a plugin' }],
    ['a service', { services: [{ name: 's', data: [{ flow: 'sideways' }] }] }],
    ['an unknown aggregate of vulnerabilities', { compositions: [{ vulnerabilities: ['v'] }] }],
    ['an annotation of no form', { annotations: 'none' }],
  ])('%s', (_what, more) => {
    const { contains, warned, complete } = read(sbom([library('a'), library('b')], more));
    expect(contains).toEqual([A, B]);
    expect(warned).toEqual([]);
    expect(complete).toBe(true);
  });

  test.each([
    ['an identical component twice', {}],
    ['an unknown licence', { licenses: [{ license: { id: 'Acme-1.0' } }] }],
    [
      'a licence expression beside a licence',
      { licenses: [{ expression: 'MIT' }, { license: {} }] },
    ],
    ['a supplier with an odd e-mail', { supplier: { contact: [{ email: 'nobody' }] } }],
    ['an unknown type', { type: 'gadget' }],
    ['a reference of an unknown kind', { externalReferences: [{ type: 'gopher', url: '::' }] }],
    ['a weak hash', { hashes: [{ alg: 'MD5', content: 'a'.repeat(32) }] }],
  ])('%s', (_what, more) => {
    const { contains, warned, complete } = read(sbom([library('a', more), library('a', more)]));
    expect(contains).toEqual([A]);
    expect(warned).toEqual([]);
    expect(complete).toBe(true);
  });
});

describe('what cannot be read in one place is left out there and named, and the rest is read', () => {
  test.each([
    ['the hash of a component', { hashes: [{ alg: 'SHA-256', content: 'xyz' }] }, 'hashes.0', true],
    ['hashes that are not a list', { hashes: { 'SHA-256': DIGEST } }, 'hashes', true],
    [
      'two values of one algorithm',
      {
        hashes: [
          { alg: 'SHA-256', content: 'b'.repeat(64) },
          { alg: 'SHA-256', content: 'c'.repeat(64) },
        ],
      },
      'hashes',
      true,
    ],
    ['a scope', { scope: 'sometimes' }, 'scope', true],
    ['a reference', { 'bom-ref': 7 }, 'bom-ref', true],
  ])('%s', (_what, more, place, isComplete) => {
    const { contains, warned, kept, complete, changes } = read(
      sbom([library('a', more), library('b')]),
    );
    expect(contains).toEqual([A, B]);
    expect(keysOf(changes, 'Artifact')).toEqual([`sha256:${DIGEST}`]);
    expect(warned).toEqual([`components.0.${place}`]);
    expect(kept).toEqual([expect.stringContaining(`'components.0.${place}'`)]);
    expect(complete).toBe(isComplete);
  });

  test.each([
    ['a package URL that is none', { purl: 'npm:a@1' }, 'components.0.purl'],
    ['a package URL that is not text', { purl: 12 }, 'components.0.purl'],
    ['nothing to know it by', { purl: undefined, name: undefined }, 'components.0'],
  ])('a component with %s is known here alone, and the list is not complete', (_what, more, at) => {
    const { contains, warned, complete } = read(sbom([library('a', more), library('b')]));
    expect(contains).toEqual([expect.stringMatching(/^PackageVersion [0-9a-f]{64}#a$/), B]);
    expect(warned).toEqual([at]);
    expect(complete).toBe(false);
  });

  test.each([
    ['an entry that is not an object', [library('b'), 'a@1.0.0'], ['components.1'], [B]],
    ['an entry that is missing', [null, library('b')], ['components.0'], [B]],
    ['a list that is not one', { a: library('a') }, ['components'], []],
    [
      'a list within a component',
      [library('b', { components: 'a' })],
      ['components.0.components'],
      [B],
    ],
  ])('%s makes the list incomplete', (_what, components, at, contained) => {
    const { contains, warned, complete } = read(sbom(components));
    expect(contains).toEqual(contained);
    expect(warned).toEqual(at);
    expect(complete).toBe(false);
  });

  test.each([
    ['a time', { metadata: { component: image, timestamp: 'yesterday' } }, ['metadata.timestamp']],
    ['a list of dependencies', { dependencies: { a: ['b'] } }, ['dependencies']],
    [
      'the dependencies of one',
      { dependencies: [{ ref: 'a', dependsOn: 'b' }, { dependsOn: ['b'] }] },
      ['dependencies.0.dependsOn', 'dependencies.1.ref'],
    ],
    [
      'a dangling reference',
      { dependencies: [{ ref: 'a', dependsOn: ['gone', 'b'] }] },
      ['dependencies'],
    ],
    ['a list of vulnerabilities', { vulnerabilities: 'none' }, ['vulnerabilities']],
    [
      'a vulnerability without an id, or what another affects',
      { vulnerabilities: [{ affects: [{ ref: 'a' }] }, { id: 'CVE-1', affects: 'a' }] },
      ['vulnerabilities.0', 'vulnerabilities.1.affects'],
    ],
    ['a list of compositions', { compositions: {} }, ['compositions']],
    ['an aggregate', { compositions: [{ aggregate: 'mostly' }] }, ['compositions.0.aggregate']],
  ])('%s', (_what, more, at) => {
    const { contains, warned } = read(sbom([library('a'), library('b')], more));
    expect(contains).toEqual([A, B]);
    expect(warned).toEqual(at);
  });

  test('a version that is a whole number is its text; any other number may have lost something', () => {
    const { changes, warned } = read(
      sbom([
        library('a', { purl: 'pkg:npm/a', version: 2 }),
        library('b', { purl: 'pkg:npm/b', version: 1.1 }),
      ]),
    );
    expect(keysOf(changes, 'PackageVersion')).toEqual([
      'pkg:npm/a@2',
      expect.stringMatching(/#b$/),
    ]);
    expect(warned).toEqual(['components.0.version', 'components.1.version']);
  });

  test('a document full of it is still one list of bounded length', () => {
    const components = Array.from({ length: 500 }, (_, n) =>
      library(`lib-${n}`, { purl: `${'x'.repeat(1000)}${n}` }),
    );
    const { kept } = read(sbom(components));
    expect(kept).toHaveLength(51);
    expect((kept as string[]).at(-1)).toBe('There are 450 more.');
    expect(Math.max(...(kept as string[]).map(({ length }) => length))).toBeLessThanOrEqual(300);
  });
});

describe('what a document lists without it being part of the thing', () => {
  test('is not contained: excluded, or brought by the environment', () => {
    const components = [
      library('a'),
      library('test-tool', { scope: 'excluded', components: [library('of-the-tool')] }),
      library('optional', { scope: 'optional' }),
      library('jre', { isExternal: true, version: undefined, versionRange: 'vers:npm/>=17' }),
    ];
    const { contains, changes } = read(sbom(components));
    expect(contains).toEqual([A, 'PackageVersion pkg:npm/optional@1.0.0']);
    expect(keysOf(changes, 'PackageVersion')).toContain('pkg:npm/test-tool@1.0.0');
  });
});

describe('the format of a document', () => {
  test.each([
    ['by another spelling', { bomFormat: 'cyclonedx' }, ['bomFormat'], 'cyclonedx-1.6'],
    ['with a number as its version', { specVersion: 1.5 }, ['specVersion'], 'cyclonedx-1.5'],
    [
      'by its schema alone',
      {
        bomFormat: undefined,
        specVersion: undefined,
        $schema: 'http://cyclonedx.org/schema/bom-1.4.schema.json',
      },
      ['bomFormat', 'specVersion'],
      'cyclonedx-1.4',
    ],
  ])('is known %s', (_what, more, at, format) => {
    const { warned, contains, complete } = read(sbom([library('a')], more));
    expect(parse(sbom([library('a')], more)).format).toBe(format);
    expect(warned).toEqual(at);
    expect(contains).toEqual([A]);
    expect(complete).toBe(true);
  });

  test('that is newer is read as far as it is known, and counts as incomplete', () => {
    const { contains, warned, complete } = read(sbom([library('a')], { specVersion: '1.9' }));
    expect(contains).toEqual([A]);
    expect(warned).toEqual(['specVersion']);
    expect(complete).toBe(false);
  });

  test.each([
    ['says that it is another', { bomFormat: 'SPDX' }, /^DOCUMENT_MALFORMED: .*bomFormat/],
    ['has no version', { specVersion: undefined }, /^DOCUMENT_UNSUPPORTED: .*specVersion/],
    ['has a version that JSON never had', { specVersion: '1.0' }, /^DOCUMENT_UNSUPPORTED/],
    ['has another major version', { specVersion: '2.0' }, /^DOCUMENT_UNSUPPORTED/],
  ])('is refused where it %s', (_what, more, reason) => {
    expect(refusalOf(sbom([library('a')], more))).toMatch(reason);
  });
});

test('the warnings of a document follow from its bytes alone, whoever submits it', () => {
  const document = sbom([library('a', { purl: 'nonsense' })]);
  const warningsOf = (about: string | null) =>
    nodeOf(parse(document, about).changes, 'Document')?.facets;
  expect(warningsOf(`sha256:${'e'.repeat(64)}`)).toEqual(warningsOf(null));
});

test.each(['#%zz', '#a%', '#%E0%A4%A'])(
  'a BOM-Link with broken percent-encoding (%s) does not stop the document',
  (fragment) => {
    const serialNumber = 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79';
    const ref = `urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1${fragment}`;
    const vulnerabilities = [{ id: 'CVE-1', affects: [{ ref }] }];
    const { contains } = read(sbom([library('a')], { serialNumber, vulnerabilities }));
    expect(contains).toEqual([A]);
  },
);
