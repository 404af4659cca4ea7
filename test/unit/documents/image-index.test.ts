import { describe, expect, test } from '@jest/globals';
import { bom, edgesOf, nodeOf, parse } from './reading.ts';

const [INDEX, AMD64, ARM64] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
];
const image = (digest: string, query = '') => ({
  type: 'container',
  name: 'team/app',
  purl: `pkg:oci/app@sha256%3A${digest}${query}`,
});

/** As Red Hat describes an image index: its images are the variants of the component that it is (trustify, image_index_variants). */
const index = (variants: object[], own: object = image(INDEX)) =>
  bom({
    metadata: { component: { ...image(INDEX), 'bom-ref': 'root' } },
    components: [{ ...own, 'bom-ref': 'index', pedigree: { variants } }],
  });

describe('an image index', () => {
  test('contains its images, and clears nothing: what is in them is in other documents', () => {
    const { changes, warnings } = parse(
      index([image(AMD64, '?arch=amd64&os=linux'), image(ARM64, '?arch=arm64&os=linux')]),
    );
    expect(edgesOf(changes, 'CONTAINS')).toEqual([
      `Artifact sha256:${INDEX} -CONTAINS-> Artifact sha256:${AMD64}`,
      `Artifact sha256:${INDEX} -CONTAINS-> Artifact sha256:${ARM64}`,
    ]);
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({ content: { complete: false } });
    expect(changes.nodes.find(({ key }) => key === `sha256:${INDEX}`)?.facets).toMatchObject({
      media: { mediaType: 'application/vnd.oci.image.index.v1+json' },
    });
    expect(warnings).toMatchObject([{ path: 'components.0' }]);
  });

  test('as the described thing itself is read alike', () => {
    const { changes } = parse(
      bom({
        metadata: {
          component: { ...image(INDEX), pedigree: { variants: [image(AMD64, '?arch=amd64')] } },
        },
      }),
    );
    expect(edgesOf(changes, 'CONTAINS')).toHaveLength(1);
  });

  test.each([
    [
      'the other platforms of an image',
      index([image(ARM64, '?arch=arm64')], image(INDEX, '?arch=amd64')),
    ],
    ['other builds of it', index([image(AMD64)])],
    ['variants of a library', index([{ type: 'library', name: 'a', purl: 'pkg:npm/a@1.0.0' }])],
  ])('is not what lists %s: variants are siblings', (_what, document) => {
    const { changes } = parse(document);
    expect(edgesOf(changes, 'CONTAINS')).toEqual([]);
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({ content: { complete: true } });
  });
});
