import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { bom, DIGEST, edgesOf, fixture, keysOf, nodeOf, parse, refusalOf } from './reading.ts';

const SHA512 = 'b'.repeat(128);
const app = {
  type: 'application',
  name: 'app',
  version: '1.0.0',
  purl: 'pkg:npm/app@1.0.0',
  'bom-ref': 'app',
};
const library = (name: string, more: Record<string, unknown> = {}) => ({
  type: 'library',
  name,
  version: '1.0.0',
  purl: `pkg:npm/${name}@1.0.0`,
  'bom-ref': name,
  ...more,
});
const directness = (document: Record<string, unknown>, about: string | null = null) =>
  Object.fromEntries(
    parse(document, about)
      .changes.edges.filter(({ type }) => type === 'CONTAINS')
      .map(({ to, properties }) => [to.key, properties?.['direct']]),
  );

describe('a CycloneDX document', () => {
  test('describes an image by the digest that scanners write as its version', () => {
    const text = fixture('cyclonedx/alpine-1.4.json');
    const { format, changes } = parse(text);
    const image = 'sha256:cbaa390ec61abd889dfa5146a411c11717c19ef9e5e18458dbdc06439076ffe7';
    expect(format).toBe('cyclonedx-1.4');
    expect(changes.subject).toEqual({ label: 'Document', key: sha256(text) });
    expect(changes.claim).toBe(sha256(text));
    expect(changes.validFrom).toBe(Date.parse('2022-10-07T10:41:07-04:00'));
    expect(nodeOf(changes, 'Document')?.facets).toEqual({
      serial: {
        serialNumber: 'urn:uuid:90630c1e-1df2-4d35-85fa-a4e8ebd22d70',
        bomVersion: 1,
      },
      info: {
        format: 'cyclonedx-1.4',
        mediaType: 'application/vnd.cyclonedx+json; version=1.4',
        size: Buffer.byteLength(text),
      },
      name: {
        name: 'docker.io/library/alpine:latest sha256:cbaa390ec61abd889dfa5146a411c11717c19ef9e5e18458dbdc06439076ffe7',
      },
      content: { issuedAt: changes.validFrom, components: 15, complete: true, completeness: null },
    });
    expect(edgesOf(changes, 'DESCRIBES')).toEqual([
      `Document ${sha256(text)} -DESCRIBES-> Artifact ${image}`,
    ]);
    const contents = edgesOf(changes, 'CONTAINS');
    expect(contents).toHaveLength(15);
    expect(contents.every((edge) => edge.startsWith(`Artifact ${image} `))).toBe(true);
  });

  test('flattens nested components and leaves out the root that it lists as its own component', () => {
    const { changes } = parse(fixture('cyclonedx/components-nested-1.4.json'));
    const root = 'sha256:41d92dafa5ccbf7f76fa81c5a0e7de83c51166f27bea9b98df018f644016bf04';
    expect(edgesOf(changes, 'CONTAINS')).toEqual([
      `Artifact ${root} -CONTAINS-> PackageVersion pkg:rpm/redhat/abattis-cantarell-fonts@0.0.25-6.el8?arch=noarch`,
      `Artifact ${root} -CONTAINS-> PackageVersion pkg:maven/compiler/compiler@23.1.4.0-1-redhat-00001?type=jar`,
    ]);
  });

  const roots: [what: string, component: Record<string, unknown>, root: string][] = [
    [
      'a hash',
      { ...app, hashes: [{ alg: 'SHA-256', content: DIGEST }] },
      `Artifact sha256:${DIGEST}`,
    ],
    [
      'an image purl',
      { type: 'container', name: 'x', purl: `pkg:oci/x@sha256%3A${DIGEST}?tag=1` },
      `Artifact sha256:${DIGEST}`,
    ],
    [
      'a docker purl',
      { type: 'container', name: 'x', purl: `pkg:docker/acme/x@sha256:${DIGEST}` },
      `Artifact sha256:${DIGEST}`,
    ],
    [
      'a file whose version is its digest',
      { type: 'file', name: 'x', version: `sha256:${DIGEST}` },
      `Artifact sha256:${DIGEST}`,
    ],
    ['a purl', app, 'PackageVersion pkg:npm/app@1.0.0'],
    [
      'a weak hash',
      {
        ...app,
        hashes: [
          { alg: 'MD5', content: 'a'.repeat(32) },
          { alg: 'SHA-1', content: 'a'.repeat(40) },
        ],
      },
      'PackageVersion pkg:npm/app@1.0.0',
    ],
    [
      "an image's tag",
      { type: 'container', name: 'x', purl: 'pkg:docker/x@latest', 'bom-ref': 'r' },
      'PackageVersion #r',
    ],
    [
      'a purl without version',
      { type: 'file', name: 'x', purl: 'pkg:generic/x', 'bom-ref': 'r' },
      'PackageVersion #r',
    ],
    [
      'an odd purl',
      { type: 'file', name: 'x', purl: 'npm:x@1', 'bom-ref': 'r' },
      'PackageVersion #r',
    ],
    [
      'nothing but a name',
      { type: 'application', name: 'x' },
      'PackageVersion #metadata.component',
    ],
    [
      'a reference that cannot be a key',
      { type: 'application', name: 'x', 'bom-ref': 'a\u0000b' },
      'PackageVersion #metadata.component',
    ],
  ];
  test.each(roots)('knows its root by %s', (_what, component, root) => {
    const { changes } = parse(bom({ metadata: { component } }));
    const [edge] = edgesOf(changes, 'DESCRIBES');
    expect(edge?.replace(/^.*-> /, '').replace(String(changes.claim), '')).toBe(root);
  });

  test('joins hashes, packages and packages of components, weak hashes left out', () => {
    const hashes = [
      { alg: 'MD5', content: 'a'.repeat(32) },
      { alg: 'SHA-512', content: SHA512.toUpperCase() },
      { alg: 'SHA-256', content: DIGEST },
      { alg: 'SHA-384', content: 'damaged' },
    ];
    const { changes } = parse(bom({ components: [library('a', { hashes })] }));
    const version = 'PackageVersion pkg:npm/a@1.0.0';
    expect(edgesOf(changes)).toEqual([
      `${version} -VERSION_OF-> Package pkg:npm/a`,
      `Artifact sha256:${DIGEST} -SAME_AS-> Artifact sha512:${SHA512}`,
      `Artifact sha512:${SHA512} -SAME_AS-> Artifact sha256:${DIGEST}`,
      `Artifact sha256:${DIGEST} -PACKAGED_AS-> ${version}`,
      `${version} -PACKAGED_AS-> Artifact sha256:${DIGEST}`,
      `Artifact sha512:${SHA512} -PACKAGED_AS-> ${version}`,
      `${version} -PACKAGED_AS-> Artifact sha512:${SHA512}`,
    ]);
  });

  test('knows its components even where nothing contains them', () => {
    const { changes } = parse(bom({ components: [library('a'), { type: 'library', name: 'b' }] }));
    expect(keysOf(changes, 'PackageVersion')).toEqual([
      'pkg:npm/a@1.0.0',
      `${String(changes.claim)}#components.1`,
    ]);
    expect(changes.nodes.every(({ resolved }) => resolved)).toBe(true);
    expect(edgesOf(changes, 'CONTAINS', 'DESCRIBES')).toEqual([]);
  });

  test('is about what its submitter says, where it is said', () => {
    const document = bom({ components: [library('a')] });
    const { changes } = parse(document, `sha256:${DIGEST}`);
    expect(edgesOf(changes, 'CONTAINS')).toEqual([
      `Artifact sha256:${DIGEST} -CONTAINS-> PackageVersion pkg:npm/a@1.0.0`,
    ]);
    expect(changes.nodes.find(({ key }) => key === `sha256:${DIGEST}`)?.resolved).toBe(false);
    expect(edgesOf(parse(document, 'https://example.org/image').changes, 'DESCRIBES')).toEqual([]);
    expect(
      directness(
        bom({
          metadata: { component: app },
          components: [library('a')],
          dependencies: [{ ref: 'app', dependsOn: ['a'] }],
        }),
        `sha256:${DIGEST}`,
      ),
    ).toEqual({ 'pkg:npm/a@1.0.0': true });
  });

  test('has one node for two components of one purl', () => {
    const { changes } = parse(
      bom({
        metadata: { component: app },
        components: [library('a'), library('a', { 'bom-ref': 'other' })],
      }),
    );
    expect(keysOf(changes, 'PackageVersion')).toEqual(['pkg:npm/app@1.0.0', 'pkg:npm/a@1.0.0']);
    expect(edgesOf(changes, 'CONTAINS')).toHaveLength(1);
  });

  test('is not refused for an odd component', () => {
    const components = [
      null,
      7,
      { purl: 12 },
      { hashes: 'x', components: {} },
      { 'bom-ref': '' },
      library('a'),
    ];
    const { changes } = parse(
      bom({
        metadata: { component: app },
        components,
        dependencies: [null, {}, { ref: 1 }, { ref: 'a', dependsOn: 'b' }],
      }),
    );
    expect(keysOf(changes, 'PackageVersion')).toContain('pkg:npm/a@1.0.0');
    expect(edgesOf(changes, 'CONTAINS')).toHaveLength(4);
  });

  test('is refused in another format or version', () => {
    expect(refusalOf(fixture('cyclonedx/invalid-format.json'))).toMatch(
      /^DOCUMENT_MALFORMED: .*'bomFormat' is "CDX"/,
    );
    expect(refusalOf(bom({ specVersion: '1' }))).toMatch(
      /^DOCUMENT_UNSUPPORTED: .*'specVersion' is "1"/,
    );
    expect(refusalOf(bom({ specVersion: '2.0' }))).toMatch(/^DOCUMENT_UNSUPPORTED/);
  });
});

describe('dependencies of a CycloneDX document', () => {
  const components = [library('a'), library('b'), library('c')];
  const root = { metadata: { component: app }, components };

  test('make those direct that the root depends on', () => {
    const dependencies = [
      { ref: 'app', dependsOn: ['a', 'a', 'gone'] },
      { ref: 'a', dependsOn: ['b'] },
    ];
    expect(directness(bom({ ...root, dependencies }))).toEqual({
      'pkg:npm/a@1.0.0': true,
      'pkg:npm/b@1.0.0': false,
      'pkg:npm/c@1.0.0': false,
    });
  });

  test('make none direct where there are none: nobody says it', () => {
    const none = { 'pkg:npm/a@1.0.0': false, 'pkg:npm/b@1.0.0': false, 'pkg:npm/c@1.0.0': false };
    expect(directness(bom(root))).toEqual(none);
    const leaves = [{ ref: 'a' }, { ref: 'b', dependsOn: [] }];
    expect(directness(bom({ ...root, dependencies: leaves }))).toEqual(none);
    expect(
      directness(
        JSON.parse(fixture('cyclonedx/missing-depends-on-1.4.json')) as Record<string, unknown>,
      ),
    ).toEqual({ 'pkg:npm/bootstrap@4.0.0-beta.2': false });
  });

  test('make those direct that nothing depends on, where the root is not mentioned', () => {
    const dependencies = [{ ref: 'a', dependsOn: ['b'] }];
    expect(directness(bom({ ...root, dependencies }))).toEqual({
      'pkg:npm/a@1.0.0': true,
      'pkg:npm/b@1.0.0': false,
      'pkg:npm/c@1.0.0': true,
    });
  });

  test('tolerate loops, duplicates, dangling references and missing lists', () => {
    const dependencies = [
      { ref: 'a', dependsOn: ['a', 'b', 'b', 'gone'] },
      { ref: 'b', dependsOn: ['a'] },
      { ref: 'c' },
      { ref: 'gone', dependsOn: ['a'] },
      { ref: 'a', dependsOn: ['b'] },
    ];
    expect(edgesOf(parse(bom({ ...root, dependencies })).changes, 'DEPENDS_ON')).toEqual([
      'PackageVersion pkg:npm/a@1.0.0 -DEPENDS_ON-> PackageVersion pkg:npm/b@1.0.0',
      'PackageVersion pkg:npm/b@1.0.0 -DEPENDS_ON-> PackageVersion pkg:npm/a@1.0.0',
    ]);
  });

  test('may refer by purl where a component has no bom-ref', () => {
    const nameless = [
      library('a', { 'bom-ref': undefined }),
      library('b', { 'bom-ref': undefined }),
    ];
    const dependencies = [{ ref: 'pkg:npm/a@1.0.0', dependsOn: ['pkg:npm/b@1.0.0'] }];
    expect(
      edgesOf(parse(bom({ components: nameless, dependencies })).changes, 'DEPENDS_ON'),
    ).toHaveLength(1);
  });
});

describe('vulnerabilities of a CycloneDX document', () => {
  const affects = (vulnerability: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    edgesOf(
      parse(
        bom({
          metadata: { component: app },
          components: [library('a')],
          vulnerabilities: [{ id: 'CVE-1', affects: [{ ref: 'a' }], ...vulnerability }],
          ...more,
        }),
      ).changes,
      'AFFECTS',
    ).map((edge) => edge.replace('Vulnerability CVE-1 -AFFECTS-> ', ''));
  const a = ['PackageVersion pkg:npm/a@1.0.0'];

  test.each([
    [undefined, a],
    ['exploitable', a],
    ['in_triage', a],
    ['not_affected', []],
    ['false_positive', []],
    ['resolved', []],
    ['resolved_with_pedigree', []],
  ])('in the state %p affect what they name, or nothing', (state, edges) => {
    expect(affects({ analysis: { state } })).toEqual(edges);
  });

  test('spare a component whose versions are all unaffected', () => {
    expect(
      affects({ affects: [{ ref: 'a', versions: [{ version: '1', status: 'unaffected' }] }] }),
    ).toEqual([]);
    expect(
      affects({
        affects: [
          {
            ref: 'a',
            versions: [{ version: '1.0.0' }, { version: '2.0.0', status: 'unaffected' }],
          },
        ],
      }),
    ).toEqual(a);
  });

  test('may name their target by BOM-Link; one into another document is kept as a link, unless it is a purl', () => {
    const serial = '3e671687-395b-41f5-a30f-a58921a69b79';
    const link = (ref: string) =>
      affects({ affects: [{ ref }] }, { serialNumber: `urn:uuid:${serial}` });
    expect(link(`urn:cdx:${serial}/1#a`)).toEqual(a);
    expect(link('urn:cdx:00000000-395b-41f5-a30f-a58921a69b79/1#a')).toEqual([
      'Resource urn:cdx:00000000-395b-41f5-a30f-a58921a69b79/1#a',
    ]);
    expect(link('urn:cdx:00000000-395b-41f5-a30f-a58921a69b79/1#pkg:npm/z@2.0.0')).toEqual([
      'PackageVersion pkg:npm/z@2.0.0',
    ]);
  });

  test('are kept with their worst rating, affecting or not', () => {
    const { changes } = parse(fixture('cyclonedx/vex-exploitable-1.4.json'));
    expect(nodeOf(changes, 'Vulnerability')).toMatchObject({
      key: 'CVE-2020-25649',
      facets: { summary: { severity: 'high', score: 7.5 } },
    });
    expect(edgesOf(changes, 'AFFECTS')).toHaveLength(1);
    const fixed = parse(fixture('cyclonedx/vex-fixed-1.4.json')).changes;
    expect(keysOf(fixed, 'Vulnerability')).toEqual(['CVE-2021-44228']);
    expect(edgesOf(fixed, 'AFFECTS')).toEqual([]);
  });
});

test('costs as much as it is long: ten times the components, not a hundred times the work', () => {
  const work = (size: number): number => {
    const components = Array.from({ length: size }, (_, n) => library(`lib-${n}`));
    const dependencies = components.map((_, n) => ({
      ref: `lib-${n}`,
      dependsOn: [`lib-${n + 1}`, `lib-${n + 2}`],
    }));
    const text = JSON.stringify(bom({ metadata: { component: app }, components, dependencies }));
    const before = process.cpuUsage(); // not the clock: a busy machine has no part in it
    parse(text);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  work(1_000); // compiles what is run
  const small = Math.min(work(1_000), work(1_000));
  expect(work(10_000) / small).toBeLessThan(40);
});
