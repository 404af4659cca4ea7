import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { bom, DIGEST, dsse, edgesOf, keysOf, nodeOf, parse, statement } from './reading.ts';

const CYCLONEDX = 'https://cyclonedx.org/bom';
const IMAGE = `Artifact sha256:${DIGEST}`;
const A = 'PackageVersion pkg:npm/a@1.0.0';

/** As syft and trivy write the SBOM of an image: the root is the image by name, or by a digest as its version. */
function sbom(root: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  return bom({
    metadata: {
      timestamp: '2026-05-01T09:00:00Z',
      component: { type: 'container', name: 'registry.example/web', 'bom-ref': 'root', ...root },
    },
    components: [
      { type: 'library', 'bom-ref': 'a', name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0' },
    ],
    dependencies: [{ ref: 'root', dependsOn: ['a'] }],
    ...more,
  });
}

const attested = (predicate: unknown, predicateType = CYCLONEDX) =>
  statement({ predicateType, predicate });
const text = JSON.stringify(sbom());
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64');
const bundle = (value: unknown) => ({
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {},
  dsseEnvelope: dsse(value),
});

describe('a CycloneDX document in a predicate', () => {
  test.each([
    ['plain', attested(sbom())],
    ['in DSSE', dsse(attested(sbom()))],
    [
      'in DSSE whose payload is packed',
      dsse(null, { payload: base64(gzipSync(JSON.stringify(attested(sbom())))) }),
    ],
    ['in a Sigstore bundle', bundle(attested(sbom()))],
    ['of a type that names its version', attested(sbom(), 'https://cyclonedx.org/bom/v1.6')],
    ['of the type that older tools write', attested(sbom(), 'https://cyclonedx.org/schema')],
    ['of a type of its own', attested(sbom(), 'https://example.com/sbom/v1')],
    [
      'as text in the wrapper of cosign',
      attested(
        { Data: text, Timestamp: '2026-05-01T09:00:00Z' },
        'https://cosign.sigstore.dev/attestation/v1',
      ),
    ],
    ['as an object in the wrapper of cosign', attested({ Data: sbom(), Timestamp: '' })],
    ['as base64 in a wrapper', attested({ Data: base64(text) })],
    ['as packed base64 in a wrapper', attested({ data: base64(gzipSync(text)) })],
    ['as text', attested(text)],
  ])('%s is read like the document itself', (_what, document) => {
    const { format, changes } = parse(document);
    expect(format).toMatch(/in-toto-v1\+cyclonedx-1\.6$/);
    expect(edgesOf(changes, 'CONTAINS')).toEqual([`${IMAGE} -CONTAINS-> ${A}`]);
    expect(edgesOf(changes, 'DESCRIBES')).toEqual([
      `Document ${String(changes.claim)} -DESCRIBES-> ${IMAGE}`,
    ]);
    expect(edgesOf(changes, 'ATTESTS')).toEqual([
      `Attestation ${String(changes.claim)} -ATTESTS-> ${IMAGE}`,
    ]);
    expect(nodeOf(changes, 'Document')).toMatchObject({
      key: changes.claim,
      facets: {
        info: { format: 'cyclonedx-1.6' },
        content: { components: 1, complete: true },
      },
    });
    expect(changes.validFrom).toBe(Date.parse('2026-05-01T09:00:00Z'));
  });

  test('is about every subject of the statement', () => {
    const other = 'b'.repeat(64);
    const subject = [DIGEST, other].map((sha256) => ({ name: 'web', digest: { sha256 } }));
    const { changes } = parse(statement({ subject, predicateType: CYCLONEDX, predicate: sbom() }));
    expect(edgesOf(changes, 'CONTAINS')).toEqual([
      `${IMAGE} -CONTAINS-> ${A}`,
      `Artifact sha256:${other} -CONTAINS-> ${A}`,
    ]);
  });

  test('is about the digest of its own root as well, such as the image of an attested index', () => {
    const manifest = `sha256:${'d'.repeat(64)}`;
    const { changes } = parse(attested(sbom({ version: manifest })));
    expect(edgesOf(changes, 'DESCRIBES').map((edge) => edge.replace(/^.*-> /, ''))).toEqual([
      IMAGE,
      `Artifact ${manifest}`,
    ]);
    expect(edgesOf(changes, 'CONTAINS')).toHaveLength(2);
  });

  test('gives its single subject the name of its root', () => {
    const { changes } = parse(attested(sbom({ type: 'application', purl: 'pkg:npm/web@2.0.0' })));
    expect(edgesOf(changes, 'DISTRIBUTION_OF')).toContain(
      `${IMAGE} -DISTRIBUTION_OF-> PackageVersion pkg:npm/web@2.0.0`,
    );
    expect(edgesOf(changes, 'CONTAINS')).toEqual([`${IMAGE} -CONTAINS-> ${A}`]);
  });

  test('says what it says of vulnerabilities (VEX)', () => {
    const vulnerabilities = [
      { id: 'CVE-1', analysis: { state: 'exploitable' }, affects: [{ ref: 'a' }] },
    ];
    const { changes, warnings } = parse(
      attested(sbom({}, { vulnerabilities }), 'https://cyclonedx.org/vex'),
    );
    expect(keysOf(changes, 'Vulnerability')).toEqual(['CVE-1']);
    expect(edgesOf(changes, 'AFFECTS')).toEqual([`Vulnerability CVE-1 -AFFECTS-> ${A}`]);
    expect(warnings).toEqual([]);
  });

  test('keeps its warnings with the attestation and the document', () => {
    const { changes } = parse(attested(sbom({}, { components: [7] })));
    const kept = {
      warnings: { warnings: [expect.stringContaining("'components.0'"), expect.any(String)] },
    };
    expect(nodeOf(changes, 'Attestation')?.facets).toMatchObject(kept);
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({
      ...kept,
      content: { complete: false },
    });
  });
});

describe("a scanner's report in a predicate", () => {
  const lib = { VulnerabilityID: 'CVE-1', PkgName: 'a', InstalledVersion: '1.0.0' };
  const trivy = {
    ...{ SchemaVersion: 2, ArtifactName: 'web', CreatedAt: '2026-05-01T09:00:00Z' },
    Results: [{ Vulnerabilities: [{ ...lib, PkgIdentifier: { PURL: 'pkg:npm/a@1.0.0' } }] }],
  };
  const grype = {
    descriptor: { name: 'grype', version: '0.80.0' },
    matches: [{ vulnerability: { id: 'CVE-1' }, artifact: { purl: 'pkg:npm/a@1.0.0' } }],
  };
  const scanned = (result: unknown) => ({
    scanner: { uri: 'pkg:github/aquasecurity/trivy@v0.50', result },
    metadata: { scanFinishedOn: '2026-05-01T09:00:00Z' },
  });
  test.each([
    ['of Trivy, as cosign has it', scanned(trivy), 'trivy'],
    ['of Grype, as text', scanned(JSON.stringify(grype)), 'grype'],
    ['that is the predicate', trivy, 'trivy'],
  ])('%s is read like the report itself', (_what, predicate, format) => {
    const { format: read, changes } = parse(
      dsse(attested(predicate, 'https://cosign.sigstore.dev/attestation/vuln/v1')),
    );
    expect(read).toBe(`dsse+in-toto-v1+${format}`);
    expect(keysOf(changes, 'Vulnerability')).toEqual(['CVE-1']);
    expect(edgesOf(changes, 'CONCERNS')).toEqual([
      'Vulnerability CVE-1 -CONCERNS-> Package pkg:npm/a',
    ]);
    expect(edgesOf(changes, 'ATTESTS')).toHaveLength(1);
    expect(nodeOf(changes, 'Document')?.key).toBe(changes.claim);
  });

  test('that nobody knows is an attestation of its subjects, and says so', () => {
    const { warnings } = parse(
      attested(scanned({ found: 1 }), 'https://cosign.sigstore.dev/attestation/vuln/v1'),
    );
    expect(warnings).toEqual([
      { path: 'predicate', message: expect.stringMatching(/are not read/) },
    ]);
  });
});

describe('a predicate of which nothing is read', () => {
  test.each([
    [
      'SPDX of a version that is not read',
      'https://spdx.dev/Document',
      { spdxVersion: 'SPDX-4', packages: [] },
      /SPDX document in the predicate cannot be read: .*'spdxVersion' is "SPDX-4"/,
    ],
    [
      'SPDX 3',
      'https://spdx.dev/Document/v3',
      { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld' },
      /an SPDX document/,
    ],
    [
      'SPDX as tag-value of a version that is not read',
      'https://spdx.dev/Document',
      { Data: 'SPDXVersion: SPDX-1.2' },
      /SPDX document in the predicate cannot be read: .*spdxVersion/,
    ],
    [
      'OpenVEX without a statement',
      'https://openvex.dev/ns/v0.2.0',
      { '@context': 'https://openvex.dev/ns/v0.2.0', statements: [] },
      /OpenVEX document in the predicate cannot be read: .*no statement/,
    ],
    [
      'CSAF under a type of its own',
      'https://example.com/vex',
      { document: { csaf_version: '2.0' } },
      /CSAF document in the predicate cannot be read: .*current_release_date/,
    ],
    [
      'a reference to a CycloneDX document',
      CYCLONEDX,
      { digest: { sha256: 'e'.repeat(64) }, uri: 'https://x.example/bom.json' },
      /refers to a CycloneDX document without holding it/,
    ],
    [
      'CycloneDX in XML that is broken',
      CYCLONEDX,
      { Data: '<bom xmlns="http://cyclonedx.org/schema/bom/1.5">' },
      /does not hold a CycloneDX document that can be read/,
    ],
    [
      'CycloneDX of a version that is not read',
      CYCLONEDX,
      sbom({}, { specVersion: '2.0' }),
      /cannot be read: .*specVersion/,
    ],
    [
      'a test result',
      'https://in-toto.io/attestation/test-result/v0.1',
      { result: 'PASSED' },
      /type 'https:\/\/in-toto\.io\/attestation\/test-result\/v0\.1' are not read/,
    ],
    ['no type', undefined, {}, /no predicateType/],
  ])(
    '(%s) is an attestation of its subjects, and says so',
    (_what, predicateType, predicate, why) => {
      const { changes, warnings } = parse(dsse(statement({ predicateType, predicate })));
      expect(edgesOf(changes, 'ATTESTS')).toHaveLength(1);
      expect(edgesOf(changes, 'CONTAINS', 'DESCRIBES')).toEqual([]);
      expect(keysOf(changes, 'Document')).toEqual([]);
      expect(warnings).toEqual([{ path: 'predicate', message: expect.stringMatching(why) }]);
      expect(nodeOf(changes, 'Attestation')?.facets).toMatchObject({
        warnings: { warnings: [expect.stringMatching(why)] },
      });
    },
  );

  test('is not looked for in a provenance, which has a format of its own', () => {
    const { warnings } = parse(statement({ predicate: { buildDefinition: {} } }));
    expect(warnings).toEqual([]);
  });
});

test('OpenVEX in a predicate is read like the document itself', () => {
  const predicate = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    timestamp: '2026-05-01T00:00:00Z',
    statements: [
      { vulnerability: { name: 'CVE-1' }, products: [{ '@id': 'pkg:npm/a@1' }], status: 'fixed' },
    ],
  };
  const predicateType = 'https://openvex.dev/ns/v0.2.0';
  const { changes, format, warnings } = parse(dsse(statement({ predicateType, predicate })));
  expect(format).toContain('openvex-0.2.0');
  expect(edgesOf(changes, 'CONCERNS')).toEqual([
    'Vulnerability CVE-1 -CONCERNS-> Package pkg:npm/a',
  ]);
  expect(changes.validFrom).toBe(Date.parse('2026-05-01T00:00:00Z'));
  expect(warnings).toEqual([]);
});
