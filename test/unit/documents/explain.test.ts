import { describe, expect, test } from '@jest/globals';
import { explainDocument } from '../../../src/documents/explain.ts';
import { sha256 } from '../../../src/model/event.ts';
import { bom, DIGEST, dsse, provenanceV1, statement } from './reading.ts';

function explain(document: unknown) {
  const text = JSON.stringify(document);
  return explainDocument(text, sha256(text));
}
const library = (name: string, more: Record<string, unknown> = {}) => ({
  type: 'library',
  name,
  version: '1.0.0',
  purl: `pkg:npm/${name}@1.0.0`,
  ...more,
});

describe('the explanation of a document', () => {
  test('counts what was read of an SBOM, and names what was not', () => {
    const found = explain(
      bom({
        metadata: { component: { type: 'container', name: 'i', version: `sha256:${DIGEST}` } },
        components: [
          library('a', { hashes: [{ alg: 'SHA-1', content: 'a'.repeat(40) }] }),
          library('b', { components: [library('c', { purl: undefined })] }),
          library('d', {
            purl: 'nonsense',
            pedigree: { ancestors: [library('z')], commits: [{}] },
          }),
          library('e', { scope: 'excluded' }),
        ],
        services: [{ name: 's' }, { name: 't' }],
        formulation: [{}],
        vulnerabilities: [{ id: 'CVE-1', affects: [] }],
      }),
    );
    expect(found).toMatchObject({
      format: 'cyclonedx-1.6',
      about: [`Artifact sha256:${DIGEST}`],
      builds: [],
      components: 5,
      vulnerabilities: 1,
      edges: { CONTAINS: 4 },
      warnings: [expect.stringContaining("'components.2.purl'")],
    });
    const places = [
      'formulation \\(1\\)',
      'services \\(2\\)',
      '1 components without a package URL',
    ];
    const counts = [
      '1 components excluded',
      '1 components with MD5',
      '1 components with a pedigree',
    ];
    expect(found.notRead).toEqual(
      [...places, ...counts].map((start) => expect.stringMatching(new RegExp(`^${start}`))),
    );
  });

  test('names the build of a provenance, and counts what is only referred to', () => {
    const found = explain(
      dsse(
        provenanceV1(
          {
            resolvedDependencies: [{ uri: 'pkg:npm/x@1.0.0', digest: { sha256: 'd'.repeat(64) } }],
          },
          {
            builder: { id: 'https://ci.example/b' },
            metadata: { invocationId: 'https://ci.example/1' },
          },
        ),
      ),
    );
    expect(found).toMatchObject({
      builds: ['https://ci.example/1'],
      components: null,
      nodes: {
        Artifact: { count: 2, placeholders: 1 },
        Attestation: { count: 1, placeholders: 0 },
      },
      notRead: [],
      warnings: [],
    });
  });

  test('looks into a predicate', () => {
    const predicate = bom({ components: [library('a')], services: [{ name: 's' }] });
    expect(
      explain(dsse(statement({ predicateType: 'https://cyclonedx.org/bom', predicate }))),
    ).toMatchObject({ components: 1, notRead: [expect.stringMatching(/^services \(1\)/)] });
    expect(
      explain(statement({ predicateType: 'https://spdx.dev/Document', predicate: {} })),
    ).toMatchObject({ components: null, warnings: [expect.stringContaining('SPDX')] });
  });
});
