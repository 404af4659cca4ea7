import { createHash } from 'node:crypto';
import type { Envelope } from '../../src/model/event.ts';
import { event } from './events.ts';

/**
 * The rows of the table of verdicts in docs/concepts.md: of each, what is known, and what is then said of a deployment. Each is told
 * with names of its own, so that all of them can be told to one service.
 */
export type VerdictRow = {
  /** As in the table. */
  readonly name: string;
  readonly verdict: 'AFFECTED' | 'NOT_AFFECTED' | 'UNKNOWN';
  readonly reason: string;
  readonly tell: (say: Say) => void;
};

type Data = Record<string, unknown>;

/** What a row may say; `n` makes a name of its own. */
export type Say = {
  readonly n: (text: string) => string;
  readonly image: string;
  readonly advisory: string;
  readonly event: (type: string, data: Data, time?: string) => void;
  readonly document: (content: Data) => void;
  /** An SBOM of the image. */
  readonly sbom: (components: readonly Data[], more?: Data) => void;
  /** An SBOM of another image, by its digest. */
  readonly sbomOf: (digest: string, components: readonly Data[]) => void;
  readonly affects: (...affects: string[]) => void;
};

const INDEX = 'application/vnd.oci.image.index.v1+json';
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
/** An image as a component; of one platform, where it is one. */
const imageOf = (digest: string, arch?: string): Data => ({
  ...{ type: 'container', name: 'image' },
  purl: `pkg:oci/image@${digest.replace(':', '%3A')}${arch === undefined ? '' : `?arch=${arch}`}`,
});

const SERIAL = 'urn:uuid:00000000-1111-4111-8111-';

/** Everything that a row says, and a deployment of its image. */
export function tellRow(
  row: VerdictRow,
  tag: string,
): { envelopes: Envelope[]; advisory: string; environment: string } {
  const source = `https://ci.example/${tag}`;
  const image = `sha256:${createHash('sha256').update(tag).digest('hex')}`;
  const advisory = `CVE-${tag}`;
  const envelopes: Envelope[] = [];
  const say: Say = {
    n: (text) => `${tag}-${text}`,
    image,
    advisory,
    event(type, data, time = '2026-05-02T00:00:00Z') {
      envelopes.push(event(type, data, { source, time, id: `${tag}-${envelopes.length}` }));
    },
    document(content) {
      const text = JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        version: 1,
        ...content,
      });
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      say.event('document.submitted', { digest, content: text });
    },
    sbom(components, more = {}) {
      say.document({
        serialNumber: serialOf(tag),
        metadata: {
          component: { type: 'container', name: 'image', 'bom-ref': 'root', version: image },
        },
        components: components.map((component, at) => ({
          ...{ type: 'library', 'bom-ref': `c${at}` },
          ...component,
        })),
        ...more,
      });
    },
    sbomOf(digest, components) {
      say.document({
        metadata: { component: { type: 'container', name: 'image', version: digest } },
        components: components.map((component) => ({ type: 'library', ...component })),
      });
    },
    affects: (...affects) => {
      say.event('vulnerability.detected', { vulnerability: advisory, affects });
    },
  };
  row.tell(say);
  const place = { deployment: 'd', environment: 'prod', scope: tag, service: 'shop' };
  say.event('deployment.created', { ...place, artifacts: [image] }, '2026-05-01T00:00:00Z');
  say.event('deployment.completed', { deployment: 'd' }, '2026-05-01T00:05:00Z');
  return { envelopes, advisory, environment: `${tag}/prod` };
}

/** The serial number of the SBOM of a row. */
export function serialOf(tag: string): string {
  return `${SERIAL}${createHash('sha256').update(tag).digest('hex').slice(0, 12)}`;
}

const affected = (name: string, tell: VerdictRow['tell']): VerdictRow => ({
  ...{ name, tell, verdict: 'AFFECTED', reason: 'REACHED' },
});
const clear = (
  name: string,
  tell: VerdictRow['tell'],
  reason = 'SBOM_WITHOUT_MATCH',
): VerdictRow => ({
  ...{ name, tell, reason, verdict: 'NOT_AFFECTED' },
});
const unknown = (name: string, reason: string, tell: VerdictRow['tell']): VerdictRow => ({
  ...{ name, tell, reason, verdict: 'UNKNOWN' },
});

export const VERDICT_ROWS: readonly VerdictRow[] = [
  affected('the SBOM lists exactly the version', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
    affects(`pkg:npm/${n('a')}@1.0.0`);
  }),
  affected('the SBOM states qualifiers, and the advisory none', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:maven/org.x/${n('a')}@1.0.0?type=jar` }]);
    affects(`pkg:maven/org.x/${n('a')}@1.0.0`);
  }),
  affected('the version stands beside a package URL without one', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', version: '5.3', purl: `pkg:pypi/${n('a')}` }]);
    affects(`pkg:pypi/${n('a')}@5.3`);
  }),
  affected('the advisory is about the whole package', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@6.6.6` }]);
    affects(`pkg:npm/${n('a')}`);
  }),
  affected(
    'the advisory is about the whole package, and the component states no version',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}` }]);
      affects(`pkg:npm/${n('a')}`);
    },
  ),
  affected('the advisory is about a range that the version lies in', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.4.0` }]);
    affects(`pkg:npm/${n('a')}?vers=vers:npm%2F>%3D1.0.0|<2.0.0`);
  }),
  affected('the same version, in another spelling of its ecosystem', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:pypi/${n('a')}@1.0` }]);
    affects(`pkg:pypi/${n('a').replaceAll('-', '_').toUpperCase()}@1.0.0`);
  }),
  affected('the same distribution, in another spelling of its name', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:rpm/rhel/${n('a')}@1.1.1k-6.el8?arch=x86_64&epoch=1` }]);
    affects(`pkg:rpm/redhat/${n('a')}?vers=vers:rpm%2F<1%3A1.1.1k-9.el8`);
  }),
  affected('a BOM-Link leads to a component of the SBOM', ({ n, sbom, document, advisory }) => {
    document({
      vulnerabilities: [
        {
          id: advisory,
          analysis: { state: 'exploitable' },
          affects: [{ ref: `${serialOf(n('').slice(0, -1)).replace('urn:uuid', 'urn:cdx')}/1#c0` }],
        },
      ],
    });
    sbom([{ name: 'a', purl: `pkg:generic/${n('a')}@1` }]);
  }),
  affected(
    'what runs is one of several files of the version',
    ({ n, event: tell, image, affects }) => {
      tell('artifact.created', { digest: image, purl: `pkg:pypi/${n('a')}@1.0.0` });
      affects(`pkg:pypi/${n('a')}@1.0.0`);
    },
  ),
  affected(
    'an image of the index that runs lists the version',
    ({ n, image, event: tell, sbomOf, affects }) => {
      const [amd64, arm64] = [digestOf(n('amd64')), digestOf(n('arm64'))];
      tell('artifact.created', { digest: image, mediaType: INDEX, contains: [amd64, arm64] });
      sbomOf(amd64, [{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }]);
      sbomOf(arm64, [{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
  affected('the SBOM names the version among its dependencies alone', ({ n, sbom, affects }) => {
    sbom([{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }], {
      dependencies: [{ ref: 'root', dependsOn: ['c0', `pkg:npm/${n('a')}@1.0.0`] }],
    });
    affects(`pkg:npm/${n('a')}@1.0.0`);
  }),
  affected(
    'a document gives the advisory another name, under which it is about the version',
    ({ n, sbom, affects, document, advisory }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
      affects(`pkg:npm/${n('b')}@1.0.0`);
      document({
        vulnerabilities: [
          {
            id: `GHSA-${n('x')}`,
            references: [{ id: advisory }, { id: `RHSA-${n('x')}` }],
            affects: [{ ref: `pkg:npm/${n('a')}@1.0.0` }],
          },
        ],
      });
    },
  ),
  affected(
    'VEX of another product says not affected of the same component',
    ({ n, sbom, affects, document, advisory }) => {
      const purl = `pkg:npm/${n('a')}@1.0.0`;
      sbom([{ name: 'a', purl }]);
      affects(purl);
      document({
        metadata: { component: { type: 'application', name: n('other'), 'bom-ref': 'other' } },
        components: [{ type: 'library', name: 'a', purl, 'bom-ref': 'a' }],
        vulnerabilities: [
          { id: advisory, analysis: { state: 'not_affected' }, affects: [{ ref: 'a' }] },
        ],
      });
    },
  ),
  clear('a complete SBOM lists the package in another version', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.1` }]);
    affects(`pkg:npm/${n('a')}@1.0.0`);
  }),
  clear(
    'a complete SBOM lists the package in a version outside of the range',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@2.0.0` }]);
      affects(`pkg:npm/${n('a')}?vers=vers:npm%2F<2.0.0`);
    },
  ),
  clear(
    'the package is built from a version of the source outside of the range',
    ({ n, sbom, affects }) => {
      sbom([
        { name: 'a', purl: `pkg:deb/debian/${n('a')}@1.2-3%2Bb1?upstream=${n('source')}%401.2-3` },
      ]);
      affects(`pkg:deb/debian/${n('source')}?vers=vers:deb%2F<1.2-3`);
    },
  ),
  clear(
    'a distribution that builds the sources of another one says itself that the version is fixed',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:rpm/rocky/${n('a')}@1.2-3.el9?arch=x86_64` }]);
      affects(
        `pkg:rpm/redhat/${n('a')}?vers=vers:rpm%2F<1.2-4.el9`,
        `pkg:rpm/rocky/${n('a')}?vers=vers:rpm%2F<1.2-3.el9`,
      );
    },
  ),
  clear(
    'a distribution that builds the package that the advisory names says itself that the version is fixed',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:deb/debian/python3-${n('a')}@1.2-3?arch=all` }]);
      affects(
        `pkg:pypi/${n('a')}?vers=vers:pypi%2F<1.2.1`,
        `pkg:deb/debian/python3-${n('a')}?vers=vers:deb%2F<1.2-3`,
      );
    },
  ),
  clear(
    'a tool of a distribution has the name of a library that the advisory is about',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:deb/debian/${n('a')}@1.34-1?arch=amd64` }]);
      affects(`pkg:npm/${n('a')}?vers=vers:npm%2F<4.4.18`);
    },
  ),
  clear(
    'a package of the name of the source is outside of the range, and the SBOM names no sources',
    ({ n, sbom, affects }) => {
      sbom([
        { name: 'a', purl: `pkg:deb/debian/${n('source')}@1.2-3` },
        { name: 'b', purl: `pkg:deb/debian/${n('lib')}@1.2-3` },
      ]);
      affects(`pkg:deb/debian/${n('source')}?vers=vers:deb%2F<1.2-3`);
    },
  ),
  clear('the SBOM names sources, and none is what the advisory names', ({ n, sbom, affects }) => {
    sbom([
      { name: 'a', purl: `pkg:apk/alpine/${n('a')}@1.2-r3` },
      { name: 'b', purl: `pkg:apk/alpine/${n('lib')}@1.2-r3?upstream=${n('b')}` },
    ]);
    affects(`pkg:apk/alpine/${n('source')}`);
  }),
  clear(
    'the advisory names a package of RPM that no SBOM names as a source',
    ({ n, sbom, affects }) => {
      sbom([
        { name: 'a', purl: `pkg:rpm/redhat/${n('a')}@1.2-3.el9?arch=x86_64` },
        { name: 'b', purl: `pkg:rpm/redhat/${n('b')}@1.2-3.el9?arch=x86_64` },
      ]);
      affects(`pkg:rpm/redhat/${n('c')}`);
    },
  ),
  clear(
    'VEX says not affected of the package in another spelling of its distribution',
    ({ n, sbom, affects, event: tell, advisory }) => {
      sbom([{ name: 'a', purl: `pkg:rpm/rhel/${n('a')}@1.1.1k-6.el8?arch=x86_64` }]);
      affects(`pkg:rpm/redhat/${n('a')}`);
      tell('vulnerability.triaged', {
        ...{ vulnerability: advisory, status: 'not_affected' },
        products: [`pkg:rpm/redhat/${n('a')}@1.1.1k-6.el8`],
      });
    },
    'VEX',
  ),
  clear('a complete SBOM does not list the package', ({ n, sbom, affects }) => {
    sbom([{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }]);
    affects(`pkg:npm/${n('a')}`);
  }),
  clear(
    'each image of the index that runs has a complete SBOM, and none lists the package',
    ({ n, image, document, sbomOf, affects }) => {
      const [amd64, arm64] = [digestOf(n('amd64')), digestOf(n('arm64'))];
      const variants = [imageOf(amd64, 'amd64'), imageOf(arm64, 'arm64')];
      document({
        metadata: { component: imageOf(image) },
        components: [{ ...imageOf(image), pedigree: { variants } }],
      });
      for (const one of [amd64, arm64]) {
        sbomOf(one, [{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }]);
      }
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
  clear('the SBOM lists the package as excluded', ({ n, sbom, affects }) => {
    sbom([
      { name: 'a', purl: `pkg:npm/${n('a')}@1.0.0`, scope: 'excluded' },
      { name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` },
    ]);
    affects(`pkg:npm/${n('a')}@1.0.0`);
  }),
  clear(
    'a component is a later version of the ancestor in its pedigree',
    ({ n, sbom, affects }) => {
      const ancestors = [{ type: 'library', name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }];
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@2.0.0`, pedigree: { ancestors } }]);
      affects(`pkg:npm/${n('a')}?vers=vers:npm%2F<2.0.0`);
    },
  ),
  clear('the document calls the version unaffected', ({ n, sbom, advisory }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@2.4.0`, 'bom-ref': 'a' }], {
      vulnerabilities: [
        {
          id: advisory,
          affects: [
            {
              ref: 'a',
              versions: [
                { version: '2.4.0', status: 'unaffected' },
                { version: '2.3.0', status: 'affected' },
              ],
            },
          ],
        },
      ],
    });
  }),
  clear(
    'VEX says not affected of the component in this product',
    ({ n, sbom, affects, advisory }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0`, 'bom-ref': 'a' }], {
        vulnerabilities: [
          { id: advisory, analysis: { state: 'not_affected' }, affects: [{ ref: 'a' }] },
        ],
      });
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
    'VEX',
  ),
  clear(
    'VEX says not affected of the package version, wherever it is',
    ({ n, sbom, affects, event: tell, advisory }) => {
      sbom([{ name: 'a', purl: `pkg:maven/org.x/${n('a')}@1.0.0?type=jar` }]);
      affects(`pkg:maven/org.x/${n('a')}@1.0.0`);
      tell('vulnerability.triaged', {
        ...{ vulnerability: advisory, status: 'not_affected' },
        products: [`pkg:maven/org.x/${n('a')}@1.0.0`],
      });
    },
    'VEX',
  ),
  clear(
    'VEX says not affected of what runs',
    ({ image, affects, n, event: tell, advisory }) => {
      affects(`pkg:npm/${n('a')}@1.0.0`);
      tell('vulnerability.triaged', {
        vulnerability: advisory,
        status: 'fixed',
        products: [image],
      });
    },
    'VEX',
  ),
  clear(
    'the advisory was withdrawn',
    ({ n, sbom, affects, event: tell, advisory }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
      affects(`pkg:npm/${n('a')}@1.0.0`);
      tell('vulnerability.withdrawn', { vulnerability: advisory }, '2026-05-03T00:00:00Z');
    },
    'WITHDRAWN',
  ),
  unknown(
    'the range cannot be compared with the version',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@nightly` }]);
      affects(`pkg:npm/${n('a')}?vers=vers:npm%2F<2.0.0`);
    },
  ),
  unknown('the component states no version', 'NOT_COMPARABLE', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}` }]);
    affects(`pkg:npm/${n('a')}@1.0.0`);
  }),
  unknown(
    'the advisory is about one architecture, and the component states none',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:deb/debian/${n('a')}@1.0-1` }]);
      affects(`pkg:deb/debian/${n('a')}@1.0-1?arch=amd64`);
    },
  ),
  unknown(
    'a package is built from the source package that the advisory names',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:deb/debian/${n('a')}@1.2-1?upstream=${n('source')}` }]);
      affects(`pkg:deb/debian/${n('source')}?vers=vers:deb%2F<1.2-3`);
    },
  ),
  unknown(
    'a package is built from the source package that a property of its component names',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      const properties = [
        { name: 'aquasecurity:trivy:SrcName', value: n('source') },
        { name: 'aquasecurity:trivy:SrcVersion', value: '1.2' },
        { name: 'aquasecurity:trivy:SrcRelease', value: '1' },
      ];
      sbom([{ name: 'a', purl: `pkg:deb/debian/${n('a')}@1.2-1%2Bb1`, properties }]);
      affects(`pkg:deb/debian/${n('source')}?vers=vers:deb%2F<1.2-3`);
    },
  ),
  unknown(
    'the advisory may name a source, and the SBOM does not say what its packages are built from',
    'SOURCE_UNKNOWN',
    ({ n, sbom, affects }) => {
      sbom([
        { name: 'a', purl: `pkg:deb/debian/${n('a')}@1.2-3?arch=amd64` },
        { name: 'b', purl: `pkg:deb/debian/${n('b')}@1.2-3?arch=amd64` },
      ]);
      affects(`pkg:deb/debian/${n('source')}?vers=vers:deb%2F<1.2-3`);
    },
  ),
  unknown(
    'the advisory names a source of RPM, and the SBOM does not say what its packages are built from',
    'SOURCE_UNKNOWN',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:rpm/rhel/${n('a')}@1.2-3.el9?arch=x86_64` }]);
      affects(`pkg:rpm/redhat/${n('source')}@1.2-2.el9?arch=src`);
    },
  ),
  unknown(
    'only one of the advisory and the component names a distribution',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:rpm/fedora/${n('a')}@1.2-1` }]);
      affects(`pkg:rpm/${n('a')}@1.2-1`);
    },
  ),
  unknown(
    'a distribution builds the sources of the one that the advisory names',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:rpm/centos/${n('a')}@1.2-3.el8?arch=x86_64` }]);
      affects(`pkg:rpm/redhat/${n('a')}?vers=vers:rpm%2F<1.2-4.el8`);
    },
  ),
  unknown(
    'the advisory names a package that may be in a Go module of the SBOM',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:golang/git.example/acme/${n('a')}@v1.0.0` }]);
      affects(`pkg:golang/git.example/acme/${n('a')}/ssh@v1.0.0`);
    },
  ),
  unknown(
    'the version of the component stands for builds without a release',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@0.0.0-development` }]);
      affects(`pkg:npm/${n('a')}?vers=vers:npm%2F>=1.0.0|<1.5.0`);
    },
  ),
  unknown(
    'an epoch or a revision is stated on one side only, and decides',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:deb/debian/${n('a')}@1.2-1` }]);
      affects(`pkg:deb/debian/${n('a')}?vers=vers:deb%2F<1%3A1.0-1`);
    },
  ),
  unknown(
    'a component is a fork or a patched copy of what the advisory is about',
    'NOT_COMPARABLE',
    ({ n, sbom, affects }) => {
      const ancestors = [{ type: 'library', name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }];
      sbom([{ name: 'a', purl: `pkg:npm/%40acme/${n('fork')}@7.0.0`, pedigree: { ancestors } }]);
      affects(`pkg:npm/${n('a')}?vers=vers:npm%2F<2.0.0`);
    },
  ),
  unknown(
    'the advisory names another digest of an image',
    'DIGEST_ONLY',
    ({ n, sbom, affects, event: tell }) => {
      const index = `sha256:${createHash('sha256').update(n('index')).digest('hex')}`;
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
      tell('artifact.created', { digest: index, purl: `pkg:docker/acme/${n('app')}@1.0` });
      affects(`pkg:oci/${n('app')}@${index.replace(':', '%3A')}`);
    },
  ),
  unknown(
    'a component without a package URL has the name of the package',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([{ name: n('a'), version: '1.0.0' }]);
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
  unknown(
    'a component of no ecosystem has the name of the package',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([{ name: n('a'), purl: `pkg:generic/${n('a')}@1.0.0` }]);
      affects(`pkg:deb/debian/${n('a')}@1.0.0-1`);
    },
  ),
  unknown(
    'a distribution builds a package of its own from the package that the advisory names',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:deb/debian/node-${n('a')}@4.17.20%2Bdfsg-1?arch=all` }]);
      affects(`pkg:npm/${n('a')}?vers=vers:npm%2F<4.17.21`);
    },
  ),
  unknown(
    'the source of a package is what a distribution builds from the package that the advisory names',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([
        { name: 'a', purl: `pkg:deb/debian/${n('bin')}@1.0-1?arch=all&upstream=python-${n('a')}` },
      ]);
      affects(`pkg:pypi/${n('a')}@0.9`);
    },
  ),
  unknown(
    'the advisory is about what a distribution builds from the package',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:gem/${n('a')}@1.0.0` }]);
      affects(`pkg:deb/debian/ruby-${n('a')}?vers=vers:deb%2F<1.0.0-2`);
    },
  ),
  unknown(
    'a distribution writes the name of what it builds with another separator',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:deb/debian/python3-${n('a')}.interface@1.0-1?arch=all` }]);
      affects(`pkg:pypi/${n('a')}-interface?vers=vers:pypi%2F<4.17.21`);
    },
  ),
  unknown(
    'the advisory is about what a distribution builds from the package under a name with another separator',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:pypi/${n('a')}-interface@1.0.0` }]);
      affects(`pkg:deb/debian/python3-${n('a')}.interface?vers=vers:deb%2F<1.0.0-2`);
    },
  ),
  unknown(
    'a file without a package URL is called after the package',
    'NAME_ONLY',
    ({ n, sbom, affects }) => {
      sbom([
        { name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` },
        { type: 'file', name: `/app/lib/${n('a')}-1.0.0.jar` },
      ]);
      affects(`pkg:maven/org.acme/${n('a')}@1.0.0`);
    },
  ),
  unknown(
    'the advisory refers to something that is not known',
    'REFERENCE_UNRESOLVED',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
      affects(`pkg:npm/${n('b')}@1.0.0`, `https://example.com/${n('thing')}`);
    },
  ),
  unknown(
    'a BOM-Link leads to a document that never came',
    'REFERENCE_UNRESOLVED',
    ({ n, sbom, document, advisory }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
      document({
        vulnerabilities: [
          {
            id: advisory,
            affects: [{ ref: `${serialOf(n('never')).replace('urn:uuid', 'urn:cdx')}/1#x` }],
          },
        ],
      });
    },
  ),
  unknown('the author of the advisory cannot tell', 'NOT_COMPARABLE', ({ n, sbom, advisory }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@2.4.0`, 'bom-ref': 'a' }], {
      vulnerabilities: [
        {
          id: advisory,
          affects: [{ ref: 'a', versions: [{ version: '2.4.0', status: 'unknown' }] }],
        },
      ],
    });
  }),
  unknown('the advisory names a digest alone', 'DIGEST_ONLY', ({ n, sbom, affects }) => {
    sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
    affects(`sha256:${createHash('sha256').update(n('file')).digest('hex')}`);
  }),
  unknown(
    'the advisory names one file of the version that the SBOM lists',
    'FILE_UNKNOWN',
    ({ n, sbom, event: tell, affects }) => {
      const digest = `sha256:${createHash('sha256').update(n('wheel')).digest('hex')}`;
      tell('artifact.created', { digest, purl: `pkg:pypi/${n('a')}@1.0.0` });
      sbom([{ name: 'a', purl: `pkg:pypi/${n('a')}@1.0.0` }]);
      affects(digest);
    },
  ),
  unknown(
    'nobody states what the advisory affects',
    'NOTHING_STATED',
    ({ n, sbom, advisory, event: tell }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.0` }]);
      tell('vulnerability.triaged', {
        ...{ vulnerability: advisory, status: 'under_investigation' },
        products: [`pkg:npm/${n('a')}@1.0.0`],
      });
    },
  ),
  unknown(
    'the SBOM of another image finds the advisory in another version',
    'NOTHING_STATED',
    ({ n, sbom, advisory, document }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.1` }]);
      const purl = `pkg:npm/${n('a')}@1.0.0`;
      document({
        metadata: {
          component: { type: 'container', name: 'other', version: digestOf(n('other')) },
        },
        components: [{ type: 'library', name: 'a', purl, 'bom-ref': 'a' }],
        vulnerabilities: [
          { id: advisory, affects: [{ ref: 'a', versions: [{ version: '1.0.0' }] }] },
        ],
      });
    },
  ),
  unknown(
    'OpenVEX calls another version of the package affected',
    'NOTHING_STATED',
    ({ n, sbom, advisory, event: tell }) => {
      sbom([{ name: 'a', purl: `pkg:npm/${n('a')}@1.0.1` }]);
      const content = JSON.stringify({
        ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': `urn:${n('vex')}`, version: 1 },
        ...{ author: 'team', timestamp: '2026-05-01T00:00:00Z' },
        statements: [
          {
            ...{ vulnerability: { name: advisory }, status: 'affected' },
            products: [{ '@id': `pkg:npm/${n('a')}@1.0.0` }],
          },
        ],
      });
      const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      tell('document.submitted', { digest, content });
    },
  ),
  unknown(
    'a CSAF document is about a package that the SBOM does not list',
    'NOTHING_STATED',
    ({ n, sbom, advisory, event: tell }) => {
      sbom([{ name: 'a', purl: `pkg:apk/alpine/${n('a')}@1.0.0-r0` }]);
      const content = JSON.stringify({
        document: {
          ...{ category: 'csaf_vex', csaf_version: '2.0', title: n('csaf') },
          publisher: { category: 'vendor', name: 'vendor', namespace: `https://${n('v')}.example` },
          tracking: {
            ...{ id: n('csaf'), status: 'final', version: '1' },
            ...{
              initial_release_date: '2026-05-01T00:00:00Z',
              current_release_date: '2026-05-01T00:00:00Z',
            },
            revision_history: [{ date: '2026-05-01T00:00:00Z', number: '1', summary: 'first' }],
          },
        },
        product_tree: {
          full_product_names: [
            {
              ...{ product_id: 'p', name: 'a' },
              product_identification_helper: { purl: `pkg:rpm/redhat/${n('a')}@1.0.0-1` },
            },
          ],
        },
        vulnerabilities: [{ cve: advisory, product_status: { known_affected: ['p'] } }],
      });
      const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      tell('document.submitted', { digest, content });
    },
  ),
  unknown('there is no SBOM of what runs', 'NO_SBOM', ({ n, affects }) => {
    affects(`pkg:npm/${n('a')}@1.0.0`);
  }),
  unknown(
    'there is no SBOM of one image of the index that runs',
    'NO_SBOM',
    ({ n, image, event: tell, sbomOf, affects }) => {
      const [amd64, arm64] = [digestOf(n('amd64')), digestOf(n('arm64'))];
      tell('artifact.created', { digest: image, mediaType: INDEX, contains: [amd64, arm64] });
      sbomOf(amd64, [{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }]);
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
  unknown(
    'there is an SBOM of the index that runs, and none of its images',
    'SBOM_INCOMPLETE',
    ({ n, image, event: tell, sbom, affects }) => {
      tell('artifact.created', { digest: image, mediaType: INDEX });
      sbom([{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }]);
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
  unknown('the SBOM says that it is not complete', 'SBOM_INCOMPLETE', ({ n, sbom, affects }) => {
    sbom([{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }], {
      compositions: [{ aggregate: 'incomplete', assemblies: ['root'] }],
    });
    affects(`pkg:npm/${n('a')}@1.0.0`);
  }),
  unknown(
    'the only document of what runs lists no components',
    'SBOM_INCOMPLETE',
    ({ n, sbom, affects }) => {
      sbom([]);
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
  unknown(
    'the SBOM refers to a dependency that it does not list',
    'SBOM_INCOMPLETE',
    ({ n, sbom, affects }) => {
      sbom([{ name: 'b', purl: `pkg:npm/${n('b')}@1.0.0` }], {
        dependencies: [{ ref: 'root', dependsOn: ['c0', '8f2c'] }],
      });
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
  unknown(
    'the only document of what runs lists files and an operating system',
    'SBOM_INCOMPLETE',
    ({ n, sbom, affects }) => {
      sbom([
        { type: 'operating-system', name: 'busybox', version: '1.36' },
        { type: 'file', name: '/bin/run' },
      ]);
      affects(`pkg:npm/${n('a')}@1.0.0`);
    },
  ),
];
