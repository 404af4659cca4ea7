import { describe, expect, test } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import { MAX_KEY_BYTES } from '../../../src/model/text.ts';
import { HOSTILE_TEXTS, longestIndexed, textPathsOf, withText } from '../../support/indexed.ts';
import { bom, edgesOf, keysOf, nodeOf, parse } from './reading.ts';

/** Issue 17, item 22: of a document, what no index of the graph takes is left out and named; the rest is read. */

const IMAGE = `sha256:${'2c'.repeat(32)}`;
const COMMIT = '2c0ffee2'.repeat(5);
const LONG = '漢'.repeat(2048);

const sbom = bom({
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  metadata: { component: { type: 'container', name: 'app', version: IMAGE, 'bom-ref': 'app' } },
  components: [
    { type: 'library', name: 'a', version: '1', purl: 'pkg:npm/a@1', 'bom-ref': 'a' },
    { type: 'library', name: 'b', version: '1', 'bom-ref': 'b', group: 'g' },
    {
      type: 'library',
      name: 'c',
      purl: 'pkg:deb/debian/c@1',
      properties: [{ name: 'aquasecurity:trivy:SrcName', value: 'csource' }],
      hashes: [{ alg: 'SHA-256', content: '2d'.repeat(32) }],
      pedigree: { ancestors: [{ type: 'library', name: 'old-c', purl: 'pkg:npm/old-c@1' }] },
    },
  ],
  dependencies: [{ ref: 'app', dependsOn: ['a', 'b'] }],
  vulnerabilities: [
    {
      id: 'CVE-2022-22022',
      affects: [
        { ref: 'a', versions: [{ version: '1', status: 'affected' }] },
        { ref: 'elsewhere' },
      ],
      analysis: { state: 'not_affected', justification: 'code_not_present' },
    },
  ],
});
const material = {
  uri: 'git+https://github.com/acme/app@refs/heads/main',
  digest: { sha1: COMMIT },
};
const statement = (predicateType: string, predicate: unknown) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [
    {
      name: 'pkg:npm/app@1.0.0',
      uri: 'https://example.com/app.tgz',
      digest: { sha256: IMAGE.slice(7) },
    },
  ],
  predicateType,
  predicate,
});
const provenance = statement('https://slsa.dev/provenance/v1', {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: { workflow: { repository: 'https://github.com/acme/app', ref: 'main' } },
    internalParameters: {
      GITHUB_RUN_ID: '1',
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_SERVER_URL: 'https://github.com',
    },
    resolvedDependencies: [
      material,
      { uri: 'https://example.com/data.csv' },
      { uri: 'pkg:npm/dep@1' },
    ],
  },
  runDetails: {
    builder: { id: 'https://ci.example.com/builder', version: { v: '1' } },
    metadata: { invocationId: 'https://github.com/acme/app/actions/runs/1/attempts/1' },
  },
});
const older = statement('https://slsa.dev/provenance/v0.2', {
  builder: { id: 'https://ci.example.com/builder' },
  buildType: 'https://mobyproject.org/buildkit@v1',
  invocation: { configSource: material, environment: { GITHUB_REPOSITORY: 'acme/app' } },
  metadata: { buildInvocationID: '1-1' },
  materials: [material, { uri: 'pkg:docker/golang@1.22', digest: { sha256: '2e'.repeat(32) } }],
});
const enveloped = {
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(JSON.stringify(statement('https://cyclonedx.org/bom', sbom))).toString(
    'base64',
  ),
  signatures: [{ sig: 'MAo=' }],
};

describe('whatever text of a document is too long for an index', () => {
  test.each([
    ['CycloneDX', sbom],
    ['provenance v1', provenance],
    ['provenance v0.2', older],
    ['a statement with an SBOM', statement('https://cyclonedx.org/bom', sbom)],
  ] as const)('%s makes keys that can be indexed, or is refused for its form', (_, document) => {
    const wrong: unknown[] = [];
    for (const path of textPathsOf(document)) {
      for (const [what, hostile] of Object.entries(HOSTILE_TEXTS)) {
        const { bytes, code } = outcomeOf(withText(document, path, hostile));
        const isForm = /^(_type|predicateType|bomFormat|specVersion)$/.test(path.join('.'));
        if (bytes > MAX_KEY_BYTES || (code !== null && !isForm))
          wrong.push({ path, what, bytes, code });
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('the part is named, and the rest is read', () => {
  test.each([
    [
      'a serial number',
      { serialNumber: LONG + LONG },
      /^'serialNumber' has 4096 characters; at most 2048 are allowed: it is left out\.$/,
    ],
    [
      'the id of a vulnerability',
      { vulnerabilities: [{ id: LONG + LONG }] },
      /^'vulnerabilities\.0\.id' \('漢+…'\) has 4096 characters; at most 2048 are allowed: 'vulnerabilities\.0' is left out\.$/,
    ],
    [
      'a package URL',
      {
        components: [{ name: 'x', purl: `pkg:npm/${LONG}@1` }, ...(sbom['components'] as object[])],
      },
      /^'components\.0\.purl' \("pkg:npm\/漢+…"\) is not a package URL: it has 2058 characters; at most 2048 are allowed; the component is known in this document alone\.$/,
    ],
    [
      'a package URL that grows',
      {
        components: [
          { name: 'x', purl: `pkg:npm/${'漢'.repeat(300)}@1` },
          ...(sbom['components'] as object[]),
        ],
      },
      /^'components\.0\.purl' .* in canonical form it has 2710 characters; at most 2048 are allowed; the component is known in this document alone\.$/,
    ],
    [
      'what an advisory affects',
      {
        vulnerabilities: [
          { id: 'CVE-2022-22023', affects: [{ ref: HOSTILE_TEXTS['a BOM-Link'] }] },
        ],
      },
      /^'vulnerabilities\.0\.affects\.0\.ref' names no component/,
    ],
  ])('%s of CycloneDX', (_, more, warning) => {
    const { changes, warnings } = parse({ ...sbom, ...more });
    expect(warnings.map(({ message }) => message)).toContainEqual(expect.stringMatching(warning));
    expect(edgesOf(changes, 'CONTAINS')).toContain(
      `Artifact ${IMAGE} -CONTAINS-> PackageVersion pkg:npm/a@1`,
    );
    expect(longestIndexed(changes)).toBeLessThanOrEqual(MAX_KEY_BYTES);
  });

  test.each([
    ['the builder', ['predicate', 'runDetails', 'builder', 'id'], LONG + LONG, "The builder '漢"],
    [
      'the id of the run',
      ['predicate', 'runDetails', 'metadata', 'invocationId'],
      LONG + LONG,
      "The invocation id '漢",
    ],
    [
      'a dependency',
      ['predicate', 'buildDefinition', 'resolvedDependencies', '1', 'uri'],
      `https://example.com/${LONG}`,
      "The dependency 'https://example.com/漢",
    ],
    [
      'a branch',
      ['predicate', 'buildDefinition', 'resolvedDependencies', '0', 'uri'],
      `git+https://git.example.com/${'漢'.repeat(900)}@${'漢'.repeat(1000)}${'%'.repeat(0)}`,
      null,
    ],
  ])('%s of provenance', (_, path, text, warning) => {
    const { changes, warnings } = parse(withText(provenance, path, text));
    const told = warnings.map(({ message }) => message);
    if (warning !== null) expect(told.filter((each) => each.startsWith(warning))).toHaveLength(1);
    expect(keysOf(changes, 'Commit')).toEqual([COMMIT]);
    expect(edgesOf(changes, 'GENERATED_BY')).toHaveLength(1);
    expect(longestIndexed(changes)).toBeLessThanOrEqual(MAX_KEY_BYTES);
  });

  test('two long references that begin alike stay two things, of which nothing is known', () => {
    const refs = ['x', 'y'].map((end) => `${'ref'.repeat(1000)}${end}`);
    const { changes } = parse({
      ...sbom,
      vulnerabilities: [{ id: 'CVE-2022-22024', affects: refs.map((ref) => ({ ref })) }],
    });
    const found = edgesOf(changes, 'CONCERNS').filter((edge) => edge.includes('22024'));
    expect(new Set(found).size).toBe(2);
  });

  test('the warnings are kept with the document', () => {
    const { changes } = parse({ ...sbom, serialNumber: LONG + LONG });
    const facets = nodeOf(changes, 'Document')?.facets as Record<string, Record<string, unknown>>;
    expect(facets['warnings']?.['warnings']).toContainEqual(
      expect.stringMatching(/^'serialNumber' has/),
    );
    expect(facets['serial']).toBeUndefined();
  });

  test('in an envelope as well', () => {
    expect(outcomeOf(enveloped)).toMatchObject({ code: null });
  });
});

function outcomeOf(document: unknown): { bytes: number; code: string | null } {
  try {
    return { bytes: longestIndexed(parse(document).changes), code: null };
  } catch (error) {
    if (!(error instanceof StemmaError)) throw error;
    return { bytes: 0, code: error.code };
  }
}
