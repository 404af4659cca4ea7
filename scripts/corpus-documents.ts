import { gzipSync } from 'node:zlib';
import { sha256 } from '../src/model/event.ts';

/** The documents of the recorded corpus, and the names that they share with its events. */

export const CI = 'https://ci.example.com/acme/shop';
export const digest = (name: string): string => `sha256:${sha256(`corpus ${name}`)}`;
export const commit = (name: string): string => sha256(`corpus ${name}`).slice(0, 40);

export const SBOM = JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    timestamp: '2026-03-01T08:00:00Z',
    component: {
      'bom-ref': 'shop',
      type: 'application',
      name: 'shop',
      version: '1.4.0',
      hashes: [{ alg: 'SHA-256', content: digest('shop-1.4.0').slice(7) }],
    },
  },
  components: [
    {
      'bom-ref': 'left',
      type: 'library',
      name: 'left-pad',
      version: '1.3.0',
      purl: 'pkg:npm/left-pad@1.3.0',
    },
    {
      'bom-ref': 'ms',
      type: 'library',
      name: 'ms',
      version: '2.1.3',
      purl: 'pkg:npm/ms@2.1.3',
    },
    { 'bom-ref': 'vendored', type: 'file', name: 'zlib.c', version: '1.3' },
  ],
  dependencies: [
    { ref: 'shop', dependsOn: ['left'] },
    { ref: 'left', dependsOn: ['ms'] },
  ],
});
export const STATEMENT = JSON.stringify({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'shop-1.4.0.tgz', digest: { sha256: digest('shop-1.4.0').slice(7) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'https://ci.example.com/build/v1',
      externalParameters: { ref: 'refs/tags/v1.4.0' },
      resolvedDependencies: [
        { uri: 'git+https://github.com/acme/shop', digest: { gitCommit: commit('release') } },
        { uri: 'pkg:npm/typescript@6.0.3', digest: { sha256: digest('typescript').slice(7) } },
      ],
    },
    runDetails: {
      builder: { id: 'https://ci.example.com/runners/linux', version: { runner: '2.1' } },
      metadata: { invocationId: `${CI}/builds/7781`, startedOn: '2026-03-02T08:15:00Z' },
    },
  },
});
const IN_PARTS = SBOM.replace('"2026-03-01T08:00:00Z"', '"2026-03-03T08:00:00Z"');
/** sha256 of the one that travels in parts. */
export const DOC = sha256(IN_PARTS);

/** Whose parts have digests of their own. */
const LISTED = SBOM.replace('"2026-03-01T08:00:00Z"', '"2026-03-04T08:00:00Z"');
const slices = [LISTED.slice(0, 500), LISTED.slice(500)];
/** Data of the events that carry it: two parts, what submits them, and a part that somebody else made up. */
export const listed = {
  digest: `sha256:${sha256(LISTED)}`,
  partDigests: slices.map((slice) => `sha256:${sha256(slice)}`),
  parts: slices.map((slice, index) => listedPart(index, slice)),
  wrong: listedPart(0, 'something else'),
} as const;

function listedPart(index: number, slice: string): Record<string, unknown> {
  return {
    ...{ digest: `sha256:${sha256(LISTED)}`, index, count: 2 },
    partDigest: `sha256:${sha256(slice)}`,
    data: gzipSync(slice, { level: 0 }).toString('base64'),
  };
}

/** Stored blocks: what is recorded does not depend on the version of zlib that records it. */
const packed = gzipSync(IN_PARTS, { level: 0 });
/** Data of `document.part`. */
export const partOf = (index: number): Record<string, unknown> => ({
  digest: `sha256:${DOC}`,
  index,
  count: 2,
  data: packed.subarray(index * 600, index === 0 ? 600 : undefined).toString('base64'),
});
