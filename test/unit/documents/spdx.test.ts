import { describe, expect, test } from '@jest/globals';
import {
  edgesOf,
  fixture,
  keysOf,
  nodeOf,
  parse,
  refusalOf,
  statement,
  DIGEST,
} from './reading.ts';

const IMAGE = 'b'.repeat(64);

type Package = {
  id: string;
  purl?: string;
  version?: string;
  checksum?: string;
  name?: string;
  purpose?: string;
};

function pkg({ id, purl, version = '1.0.0', checksum, name = id, purpose }: Package): object {
  return {
    ...{ SPDXID: `SPDXRef-${id}`, name, versionInfo: version, downloadLocation: 'NOASSERTION' },
    ...(purpose === undefined ? {} : { primaryPackagePurpose: purpose }),
    ...(purl === undefined
      ? {}
      : {
          externalRefs: [
            { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
          ],
        }),
    ...(checksum === undefined
      ? {}
      : { checksums: [{ algorithm: 'SHA256', checksumValue: checksum }] }),
  };
}

const relation = (from: string, type: string, to: string): object => ({
  spdxElementId: `SPDXRef-${from}`,
  relationshipType: type,
  relatedSpdxElement: to.startsWith('NO') ? to : `SPDXRef-${to}`,
});

const ROOT = pkg({ id: 'root', checksum: IMAGE, purpose: 'CONTAINER' });
const [A, B, C] = ['a', 'b', 'c'].map((id) => pkg({ id, purl: `pkg:npm/${id}@1.0.0` })) as [
  object,
  object,
  object,
];

function document(
  packages: readonly object[],
  relationships: readonly object[],
  more: object = {},
): object {
  return {
    ...{ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'it' },
    ...{ creationInfo: { created: '2026-05-01T00:00:00Z' }, packages, relationships },
    ...more,
  };
}

const describesRoot = relation('DOCUMENT', 'DESCRIBES', 'root');
const contained = (value: object): string[] =>
  edgesOf(parse(value).changes, 'CONTAINS').map((edge) => edge.split('-CONTAINS-> ')[1]!);

describe('an SPDX document', () => {
  test('describes its root, which contains every other package', () => {
    const { changes, format, warnings } = parse(document([ROOT, A, B], [describesRoot]));
    expect(format).toBe('spdx-2.3');
    expect(edgesOf(changes, 'DESCRIBES')).toEqual([
      expect.stringMatching(new RegExp(`-DESCRIBES-> Artifact sha256:${IMAGE}$`)),
    ]);
    expect(edgesOf(changes, 'CONTAINS')).toEqual([
      `Artifact sha256:${IMAGE} -CONTAINS-> PackageVersion pkg:npm/a@1.0.0`,
      `Artifact sha256:${IMAGE} -CONTAINS-> PackageVersion pkg:npm/b@1.0.0`,
    ]);
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({
      info: { format: 'spdx-2.3', mediaType: 'application/spdx+json; version=2.3' },
      content: { components: 2, complete: true, issuedAt: Date.parse('2026-05-01T00:00:00Z') },
    });
    expect(warnings).toEqual([]);
  });

  test.each([
    ['documentDescribes', document([ROOT, A], [], { documentDescribes: ['SPDXRef-root'] })],
    ['DESCRIBED_BY', document([ROOT, A], [relation('root', 'DESCRIBED_BY', 'DOCUMENT')])],
    ['the wrapper of GitHub', { sbom: document([ROOT, A], [describesRoot]) }],
  ])('by %s', (_, value) => {
    expect(edgesOf(parse(value).changes, 'DESCRIBES')).toHaveLength(1);
    expect(contained(value)).toEqual(['PackageVersion pkg:npm/a@1.0.0']);
  });

  test('knows an image by the digest of its package URL, whatever its checksum is of', () => {
    const root = pkg({
      id: 'root',
      purl: `pkg:oci/app@sha256%3A${IMAGE}?arch=amd64`,
      checksum: 'c'.repeat(64),
    });
    expect(keysOf(parse(document([root, A], [describesRoot])).changes, 'Artifact')).toEqual([
      `sha256:${IMAGE}`,
    ]);
  });

  test('contains a package under each of its names, and once where only the place differs', () => {
    const many = pkg({ id: 'a', purl: 'pkg:npm/a@1.0.0' }) as { externalRefs: object[] };
    for (const locator of [
      'pkg:npm/a@1.0.0?repository_url=https://a.example',
      'pkg:npm/%40acme/a@1.0.0',
    ]) {
      many.externalRefs.push({ referenceType: 'purl', referenceLocator: locator });
    }
    expect(contained(document([ROOT, many], [describesRoot]))).toEqual([
      'PackageVersion pkg:npm/a@1.0.0',
      'PackageVersion pkg:npm/%40acme/a@1.0.0',
    ]);
  });

  test('takes the first package URL that can be read', () => {
    const both = pkg({ id: 'a', purl: 'pkg:npm/a@1.0.0' }) as { externalRefs: object[] };
    both.externalRefs.unshift({ referenceType: 'purl', referenceLocator: 'pkg:golang/@?x' });
    expect(contained(document([ROOT, both], [describesRoot]))).toEqual([
      'PackageVersion pkg:npm/a@1.0.0',
    ]);
  });
});

describe('relationships', () => {
  test.each([
    ['DEPENDS_ON', relation('a', 'DEPENDS_ON', 'b')],
    ['DEPENDENCY_OF', relation('b', 'DEPENDENCY_OF', 'a')],
    ['RUNTIME_DEPENDENCY_OF', relation('b', 'RUNTIME_DEPENDENCY_OF', 'a')],
    ['STATIC_LINK', relation('a', 'STATIC_LINK', 'b')],
  ])('%s: what needs what', (_, one) => {
    const { changes } = parse(document([ROOT, A, B], [describesRoot, one]));
    expect(edgesOf(changes, 'DEPENDS_ON')).toEqual([
      'PackageVersion pkg:npm/a@1.0.0 -DEPENDS_ON-> PackageVersion pkg:npm/b@1.0.0',
    ]);
  });

  test.each([
    ['a source that something was made from', relation('a', 'GENERATED_FROM', 'b')],
    ['a tool of the build', relation('b', 'BUILD_TOOL_OF', 'a')],
    ['what tests alone need', relation('b', 'TEST_DEPENDENCY_OF', 'a')],
    ['what developers alone need', relation('b', 'DEV_DEPENDENCY_OF', 'a')],
    ['an ancestor', relation('b', 'ANCESTOR_OF', 'a')],
    ['what it descends from', relation('a', 'DESCENDANT_OF', 'b')],
  ])('%s is not in the thing', (_, one) => {
    expect(contained(document([ROOT, A, B], [describesRoot, one]))).toEqual([
      'PackageVersion pkg:npm/a@1.0.0',
    ]);
    const also = document([ROOT, A, B], [describesRoot, one, relation('root', 'CONTAINS', 'b')]);
    expect(contained(also)).toHaveLength(2);
  });

  test('an ancestor is one', () => {
    const { changes } = parse(
      document([ROOT, A, B], [describesRoot, relation('b', 'ANCESTOR_OF', 'a')]),
    );
    expect(edgesOf(changes, 'DESCENDS_FROM')).toEqual([
      'PackageVersion pkg:npm/a@1.0.0 -DESCENDS_FROM-> PackageVersion pkg:npm/b@1.0.0',
    ]);
  });

  test('the source of a distribution’s package is its source', () => {
    const built = pkg({
      id: 'built',
      purl: 'pkg:rpm/redhat/openssl-libs@3.0.7-18.el9?arch=x86_64',
    });
    const source = pkg({ id: 'src', purl: 'pkg:rpm/redhat/openssl@3.0.7-18.el9?arch=src' });
    const value = document(
      [ROOT, built, source],
      [describesRoot, relation('built', 'GENERATED_FROM', 'src')],
    );
    const { changes } = parse(value);
    expect(contained(value)).toHaveLength(1);
    expect(changes.nodes.find(({ key }) => key.includes('openssl-libs'))?.facets).toMatchObject({
      source: { sourceName: 'openssl', sourceVersion: '3.0.7-18.el9' },
    });
  });

  test('what a build linked may be in it', () => {
    const value = document(
      [ROOT, A],
      [describesRoot, relation('a', 'BUILD_DEPENDENCY_OF', 'root')],
    );
    expect(contained(value)).toHaveLength(1);
  });

  test('that leave open what else there is: the document does not clear', () => {
    const open = document([ROOT, A], [describesRoot, relation('root', 'CONTAINS', 'NOASSERTION')]);
    expect(nodeOf(parse(open).changes, 'Document')?.facets).toMatchObject({
      content: { completeness: 'unknown' },
    });
  });
});

describe('what cannot be known is told', () => {
  const told = (value: object): string[] => parse(value).warnings.map(({ message }) => message);

  test.each([
    ['nothing that it describes', document([A], []), 'names nothing in it that it describes'],
    [
      'several things that it describes',
      document([A, B], [], { documentDescribes: ['SPDXRef-a', 'SPDXRef-b'] }),
      'describes 2 packages (a, …)',
    ],
  ])('%s', (_, value, why) => {
    expect(told(value)).toEqual([expect.stringContaining(why)]);
    expect(contained(value)).toEqual([]);
    const about = parse(value, `sha256:${DIGEST}`).changes;
    expect(edgesOf(about, 'CONTAINS')[0]).toContain(`Artifact sha256:${DIGEST} -CONTAINS->`);
  });

  test('a package that is not an object, or has nothing to be known by: more may be contained than is known', () => {
    const value = document(
      [ROOT, null as unknown as object, A, { SPDXID: 'SPDXRef-x' }],
      [describesRoot],
    );
    expect(nodeOf(parse(value).changes, 'Document')?.facets).toMatchObject({
      content: { complete: false },
    });
    expect(told(value)).toHaveLength(2);
  });

  test.each(['packages', 'relationships'])('%s that are not a list', (name) => {
    const value = document([ROOT, A], [describesRoot], {
      [name]: {},
      documentDescribes: ['SPDXRef-root'],
    });
    expect(nodeOf(parse(value).changes, 'Document')?.facets).toMatchObject({
      content: { complete: false },
    });
    expect(told(value)[0]).toBe(`'${name}' must be an array: what it lists is not known.`);
  });

  test('other documents, of which nothing is known', () => {
    const externalDocumentRefs = [{ externalDocumentId: 'DocumentRef-x' }];
    const value = document([ROOT, C], [describesRoot], { externalDocumentRefs });
    expect(nodeOf(parse(value).changes, 'Document')?.facets).toMatchObject({
      content: { complete: false },
    });
    expect(told(value)).toHaveLength(1);
  });

  test('a version that is none', () => {
    expect(refusalOf({ ...document([A], []), spdxVersion: '2' })).toMatch(
      /UNSUPPORTED: The document's 'spdxVersion' is "2"; this service reads SPDX-2\.2 and SPDX-2\.3/,
    );
  });
});

test.each([
  ['BuildKit, as an object', (spdx: object): unknown => spdx],
  ['cosign, as a text', (spdx: object): unknown => ({ Data: JSON.stringify(spdx) })],
])('in the predicate of an attestation it is about the subjects: %s', (_, wrap) => {
  const predicateType = 'https://spdx.dev/Document';
  const predicate = wrap(document([pkg({ id: 'root', name: 'sbom' }), A], [describesRoot]));
  const { changes, format, warnings } = parse(statement({ predicateType, predicate }));
  expect(format).toContain('spdx-2.3');
  expect(edgesOf(changes, 'CONTAINS')).toEqual([
    `Artifact sha256:${DIGEST} -CONTAINS-> PackageVersion pkg:npm/a@1.0.0`,
  ]);
  expect(warnings).toEqual([]);
});

describe('documents of the world', () => {
  test('of Red Hat: an image by its digest, with what is in it, without the image that it was built on', () => {
    const { changes } = parse(fixture('spdx/ubi9-micro-2.3.json'));
    expect(edgesOf(changes, 'DESCRIBES')).toEqual([
      expect.stringContaining(
        '-> Artifact sha256:1c8483e0fda0e990175eb9855a5f15e0910d2038dd397d9e2b357630f0321e6d',
      ),
    ]);
    const inside = edgesOf(changes, 'CONTAINS').filter((edge) => edge.includes('pkg:rpm/'));
    expect(inside).toHaveLength(20);
    expect(inside.join()).toContain('pkg:rpm/redhat/bash@');
    expect(edgesOf(changes, 'CONTAINS').join()).not.toContain('parent-image');
  });

  test('of Syft before it named the image: what there is, and a warning', () => {
    const { changes, warnings } = parse(fixture('spdx/alpine-small-2.2.json'));
    expect(edgesOf(changes, 'CONTAINS', 'DESCRIBES')).toEqual([]);
    expect(edgesOf(changes, 'VERSION_OF')).toHaveLength(3);
    expect(warnings[0]?.message).toContain('names nothing in it that it describes');
  });

  test('whose relationships go in a circle', () => {
    const { changes } = parse(fixture('spdx/loop-2.2.json'));
    expect(edgesOf(changes, 'CONTAINS')).toHaveLength(2);
  });
});
