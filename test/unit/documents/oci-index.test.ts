import { describe, expect, test } from '@jest/globals';
import { explainDocument } from '../../../src/documents/explain.ts';
import { sha256 } from '../../../src/model/event.ts';
import { edgesOf, nodeOf, parse, refusalOf } from './reading.ts';

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const hex = (digit: string): string => digit.repeat(64);
const image = (digit: string, architecture: string, rest: object = {}) => ({
  ...{ mediaType: OCI, digest: `sha256:${hex(digit)}`, size: 476 },
  platform: { architecture, os: 'linux' },
  ...rest,
});
const index = (manifests: object[], rest: object = {}) => ({
  ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests },
  ...rest,
});

/** As buildx pushes it: an attestation manifest beside each image. */
const BUILDX = index([
  image('1', 'amd64'),
  image('2', 'arm64'),
  image('3', 'unknown', {
    platform: { architecture: 'unknown', os: 'unknown' },
    annotations: {
      'vnd.docker.reference.digest': `sha256:${hex('1')}`,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  }),
]);
/** As `docker manifest create` and GoReleaser push it. */
const DOCKER = {
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifests: [
    image('4', 'amd64', { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }),
    image('5', 'arm', {
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      platform: { architecture: 'arm', os: 'linux', variant: 'v7' },
    }),
  ],
};
/** As ko pushes it: without a media type of its own, with annotations. */
const KO = {
  schemaVersion: 2,
  manifests: [image('6', 'amd64'), image('7', 's390x')],
  annotations: { 'org.opencontainers.image.base.name': 'cgr.dev/chainguard/static' },
};

describe('an image index as a document', () => {
  test.each([
    ['buildx', BUILDX, ['1', '2']],
    ['docker manifest', DOCKER, ['4', '5']],
    ['ko', KO, ['6', '7']],
  ])('of %s contains its images, by the digest of its bytes', (_, document, images) => {
    const { changes, format, warnings } = parse(document);
    const own = `Artifact sha256:${sha256(JSON.stringify(document))}`;
    expect(format).toBe('oci-image-index');
    expect(edgesOf(changes, 'CONTAINS')).toEqual(
      images.map((digit) => `${own} -CONTAINS-> Artifact sha256:${hex(digit)}`),
    );
    expect(edgesOf(changes, 'DESCRIBES')).toHaveLength(1);
    expect(warnings).toEqual([]);
    expect(
      changes.nodes.find(({ key }) => own.endsWith(key) && key.startsWith('sha256:'))?.facets,
    ).toMatchObject({ media: { mediaType: expect.stringMatching(/image\.index|manifest\.list/) } });
  });

  test('that somebody has laid out anew is the one that it is said to be about', () => {
    const { changes } = parse(JSON.stringify(BUILDX, null, 2), `sha256:${hex('9')}`);
    expect(edgesOf(changes, 'CONTAINS')[0]).toMatch(`Artifact sha256:${hex('9')} -CONTAINS->`);
  });

  test('of an OCI layout is not an image: the images that it lists are what it is about', () => {
    const name = { annotations: { 'org.opencontainers.image.ref.name': 'test' } };
    const nested = { ...name, platform: undefined, mediaType: BUILDX.mediaType };
    const { changes } = parse(index([image('8', '', nested)]));
    expect(edgesOf(changes, 'CONTAINS')).toEqual([]);
    expect(edgesOf(changes, 'DESCRIBES')).toEqual([
      expect.stringMatching(`-DESCRIBES-> Artifact sha256:${hex('8')}$`),
    ]);
    expect(nodeOf(changes, 'Artifact')?.facets).toMatchObject({
      media: { mediaType: BUILDX.mediaType },
    });
  });

  test('names what it leaves out', () => {
    const { changes, warnings } = parse(
      index([
        image('1', 'amd64'),
        image('2', 'arm64', { digest: 'sha256:12' }),
        image('3', 'x', { mediaType: 'application/vnd.cncf.helm.chart' }),
      ]),
    );
    expect(edgesOf(changes, 'CONTAINS')).toHaveLength(1);
    expect(warnings.map(({ path }) => path)).toEqual(['manifests.1', 'manifests.2']);
    const text = JSON.stringify(BUILDX);
    expect(explainDocument(text, sha256(text))).toMatchObject({
      ...{ format: 'oci-image-index', components: null, edges: { CONTAINS: 2, DESCRIBES: 1 } },
      notRead: ['attestations of its images (1): submit them by themselves'],
    });
  });

  test.each([
    ['without an image', index([]), /^DOCUMENT_MALFORMED: The image index lists no image/],
    [
      'that is the manifest of one image',
      { schemaVersion: 2, mediaType: OCI, config: {}, layers: [] },
      /^DOCUMENT_UNSUPPORTED: The document is the manifest of one OCI image/,
    ],
  ])('%s is refused', (_, document, refusal) => {
    expect(refusalOf(document)).toMatch(refusal);
  });
});
