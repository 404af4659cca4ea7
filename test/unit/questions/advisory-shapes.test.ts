import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { vexIn } from '../../../src/questions/advisory.ts';
import { judgeImpact } from '../../support/judge-impact.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';
import { tellRow, type Say } from '../../support/verdict-rows.ts';

type Verdict = 'AFFECTED' | 'NOT_AFFECTED' | 'UNKNOWN';

function judged(tell: (say: Say) => void): string {
  const { envelopes, advisory } = tellRow({ name: '', verdict: 'UNKNOWN', reason: '', tell }, 'x');
  const graph = graphOfEvents(envelopes);
  const root = `Vulnerability:${advisory}`;
  const vex = vexIn(graph, graph.aliases(root));
  const [item] = judgeImpact(graph, {
    ...{ root, vex, history: false, truncated: false },
    deployments: ['Deployment:https://ci.example/x#d'],
  });
  return item?.verdict ?? 'none';
}

const range = (text: string) => encodeURIComponent(text);

/** What an advisory says, the package URL in the SBOM, the verdict. */
type Row = readonly [affects: readonly string[], purl: string, verdict: Verdict];

function check(affects: readonly string[], purl: string, verdict: Verdict): void {
  const name = purl.replace(/^.*\/|[@?].*$/g, '');
  expect(
    judged(({ sbom, affects: say }) => {
      sbom([{ name, purl }]);
      say(...affects);
    }),
  ).toBe(verdict);
}

/** `affected[]` of OSV: the package URL without a version, and ranges of type ECOSYSTEM. */
const LOG4J = `pkg:maven/org.apache.logging.log4j/log4j-core?vers=${range('vers:maven/>=2.0-beta9|<2.3.1|>=2.4|<2.12.2|>=2.13.0|<2.15.0')}`;
const DJANGO = `pkg:pypi/django?vers=${range('vers:pypi/>=0|<2.2.28|>=3.2|<3.2.13|>=4.0|<4.0.4')}`;
const ZLIB = `pkg:deb/debian/zlib?arch=source&distro=bookworm&vers=${range('vers:deb/>=0|<1:1.2.13.dfsg-1')}`;

describe('an advisory as OSV has it', () => {
  it.each<Row>([
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar', 'AFFECTED'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core@2.0-rc1', 'AFFECTED'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core@2.0-beta8', 'NOT_AFFECTED'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core@2.12.2', 'NOT_AFFECTED'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core@2.3.1.redhat-1', 'NOT_AFFECTED'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core@2.15.0-SNAPSHOT', 'AFFECTED'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core@${log4j.version}', 'UNKNOWN'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-core', 'UNKNOWN'],
    [[LOG4J], 'pkg:maven/org.apache.logging.log4j/log4j-api@2.14.1', 'NOT_AFFECTED'],
    [[DJANGO], 'pkg:pypi/Django@3.2.12', 'AFFECTED'],
    [[DJANGO], 'pkg:pypi/django@4.0.3.post1', 'AFFECTED'],
    [[DJANGO], 'pkg:pypi/django@4.0.4', 'NOT_AFFECTED'],
    [[ZLIB], 'pkg:deb/debian/zlib@1:1.2.11.dfsg-4?arch=source&distro=debian-12', 'AFFECTED'],
    [[ZLIB], 'pkg:deb/debian/zlib@1%3A1.2.13.dfsg-1?arch=source&distro=debian-12', 'NOT_AFFECTED'],
    [
      [ZLIB],
      'pkg:deb/debian/zlib1g@1:1.2.11.dfsg-4?arch=amd64&distro=debian-12&upstream=zlib',
      'UNKNOWN',
    ],
    [
      [ZLIB],
      'pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1%2Bb2?arch=amd64&distro=debian-12&upstream=zlib%401:1.2.13.dfsg-1',
      'NOT_AFFECTED',
    ],
    [[ZLIB], 'pkg:deb/ubuntu/zlib@1:1.2.11.dfsg-2?distro=ubuntu-22.04', 'NOT_AFFECTED'],
    [[ZLIB], 'pkg:deb/debian/zlib@1:1.2.11.dfsg-2?arch=source&distro=bullseye', 'NOT_AFFECTED'],
  ])('%j about %s: %s', check);
});

describe('an advisory as the GitHub Advisory Database has it', () => {
  const rails = `pkg:gem/activerecord?vers=${range('vers:gem/>=6.1.0|<6.1.7.1')}`;
  const guzzle = `pkg:composer/guzzlehttp/guzzle?vers=${range('vers:composer/>=7.0.0|<7.4.5')}`;
  const actions = `pkg:githubactions/tj-actions/changed-files?vers=${range('vers:githubactions/<46.0.1')}`;
  it.each<Row>([
    [[rails], 'pkg:gem/activerecord@6.1.7', 'AFFECTED'],
    [[rails], 'pkg:gem/activerecord@6.1.7.1.rc1', 'AFFECTED'],
    [[rails], 'pkg:gem/activerecord@6.1.7.1?platform=java', 'NOT_AFFECTED'],
    [[guzzle], 'pkg:composer/GuzzleHttp/Guzzle@v7.4.4', 'AFFECTED'],
    [[guzzle], 'pkg:composer/guzzlehttp/guzzle@7.4.5', 'NOT_AFFECTED'],
    [[guzzle], 'pkg:composer/guzzlehttp/guzzle@7.4.x-dev', 'UNKNOWN'],
    [[actions], 'pkg:githubactions/tj-actions/changed-files@45', 'UNKNOWN'],
    [
      ['pkg:npm/%40babel/traverse?vers=vers:npm%2F<7.23.2'],
      'pkg:npm/@babel/traverse@7.23.0',
      'AFFECTED',
    ],
    [
      ['pkg:nuget/Newtonsoft.Json?vers=vers:nuget%2F<13.0.1'],
      'pkg:nuget/newtonsoft.json@12.0.3',
      'AFFECTED',
    ],
    [
      ['pkg:golang/golang.org/x/net?vers=vers:golang%2F<0.17.0'],
      'pkg:golang/golang.org/x/net@v0.16.0',
      'AFFECTED',
    ],
    [
      ['pkg:golang/golang.org/x/net?vers=vers:golang%2F<0.17.0'],
      'pkg:golang/golang.org/x/net@v0.17.0',
      'NOT_AFFECTED',
    ],
    [['pkg:cargo/time?vers=vers:cargo%2F>=0.1.0|<0.2.23'], 'pkg:cargo/time@0.2.23', 'NOT_AFFECTED'],
    [['pkg:hex/phoenix?vers=vers:hex%2F<1.6.14'], 'pkg:hex/phoenix@1.6.14-rc.0', 'AFFECTED'],
    [
      ['pkg:swift/github.com/vapor/vapor?vers=vers:swift%2F<4.61.1'],
      'pkg:swift/github.com/vapor/vapor@4.60.0',
      'AFFECTED',
    ],
  ])('%j about %s: %s', check);
});

describe('what Red Hat says of its packages', () => {
  const fixed = `pkg:rpm/redhat/openssl-libs?arch=x86_64&vers=${range('vers:rpm/<1:1.1.1k-9.el8_7')}`;
  const source = `pkg:rpm/redhat/openssl?arch=src&vers=${range('vers:rpm/<1:1.1.1k-9.el8_7')}`;
  const syft = (version: string, more = '') =>
    `pkg:rpm/rhel/openssl-libs@${version}?arch=x86_64&distro=rhel-8.7${more}`;
  it.each<Row>([
    [[fixed], syft('1.1.1k-7.el8_6', '&epoch=1'), 'AFFECTED'],
    [[fixed], syft('1.1.1k-9.el8_7', '&epoch=1'), 'NOT_AFFECTED'],
    [[fixed], syft('1%3A1.1.1k-7.el8_6'), 'AFFECTED'],
    [[fixed], syft('1.1.1k-12.el8_9', '&epoch=1').replace('rhel/', 'redhat/'), 'NOT_AFFECTED'],
    // a scanner that leaves the epoch out
    [[fixed], syft('1.1.1k-12.el8_9'), 'UNKNOWN'],
    [[fixed], syft('1.1.1k-7.el8_6', '&epoch=1').replace('x86_64', 'aarch64'), 'NOT_AFFECTED'],
    [[fixed], syft('1.1.1k-7.el8_6', '&epoch=1').replace('rhel/', 'fedora/'), 'NOT_AFFECTED'],
    [
      [source],
      syft('1.1.1k-7.el8_6', '&epoch=1&upstream=openssl-1.1.1k-7.el8_6.src.rpm'),
      'UNKNOWN',
    ],
    [
      [source],
      syft('1.1.1k-9.el8_7', '&epoch=1&upstream=openssl-1.1.1k-9.el8_7.src.rpm'),
      'NOT_AFFECTED',
    ],
  ])('%j about %s: %s', check);
});

describe('what the secdb of Alpine says', () => {
  const fixed = `pkg:apk/alpine/busybox?vers=${range('vers:apk/<1.36.1-r5')}`;
  const openssl = `pkg:apk/alpine/openssl?vers=${range('vers:apk/<3.1.4-r3')}`;
  it.each<Row>([
    [[fixed], 'pkg:apk/alpine/busybox@1.36.1-r4?arch=x86_64&distro=alpine-3.18.4', 'AFFECTED'],
    [[fixed], 'pkg:apk/alpine/busybox@1.36.1-r15?arch=x86_64', 'NOT_AFFECTED'],
    [[fixed], 'pkg:apk/wolfi/busybox@1.36.1-r4', 'NOT_AFFECTED'],
    [[fixed], 'pkg:apk/alpine/busybox-binsh@1.36.1-r4?upstream=busybox', 'UNKNOWN'],
    [[openssl], 'pkg:apk/alpine/libcrypto3@3.1.4-r2?upstream=openssl', 'UNKNOWN'],
    [[openssl], 'pkg:apk/alpine/libcrypto3@3.1.4-r3?upstream=openssl', 'NOT_AFFECTED'],
    [[openssl], 'pkg:apk/alpine/libcrypto3@3.1.4?upstream=openssl', 'UNKNOWN'],
  ])('%j about %s: %s', check);
});

describe('a list of versions', () => {
  it.each<Row>([
    [['pkg:maven/g/a@1.0.0', 'pkg:maven/g/a@1.1.0'], 'pkg:maven/g/a@1.0', 'AFFECTED'],
    [['pkg:maven/g/a@1.0.0', 'pkg:maven/g/a@1.1.0'], 'pkg:maven/g/a@1.2', 'NOT_AFFECTED'],
    [['pkg:conan/zlib?vers=vers:conan%2F1.2.11|1.2.12'], 'pkg:conan/zlib@1.2.11', 'AFFECTED'],
    [['pkg:conan/zlib?vers=vers:conan%2F1.2.11|1.2.12'], 'pkg:conan/zlib@1.2.13', 'NOT_AFFECTED'],
    [['pkg:conan/zlib?vers=vers:conan%2F<1.2.12'], 'pkg:conan/zlib@1.2.11', 'AFFECTED'],
    [['pkg:otp/zlib?vers=vers:otp%2F<1.2.12'], 'pkg:otp/zlib@1.2.11', 'UNKNOWN'],
    [['pkg:gem/nokogiri@1.10.3'], 'pkg:gem/nokogiri@1.10.3?platform=x86_64-linux', 'AFFECTED'],
    [['pkg:gem/nokogiri@1.10.3'], 'pkg:gem/nokogiri@1.10.3-java', 'UNKNOWN'],
    [['pkg:deb/debian/curl@7.88.1-10'], 'pkg:deb/debian/curl@7.88.1-10%2Bb1?arch=arm64', 'UNKNOWN'],
  ])('%j about %s: %s', check);
});

describe('`affects` of CycloneDX', () => {
  /** `versions` of one entry, and the version that the document lists beside it. */
  it.each<readonly [string, readonly object[], Verdict]>([
    ['pkg:maven/g/a@1.0.RELEASE', [{ version: '1.0', status: 'affected' }], 'AFFECTED'],
    [
      'pkg:maven/g/a@1.0.RELEASE',
      [
        { version: '1', status: 'unaffected' },
        { version: '0.9', status: 'affected' },
      ],
      'NOT_AFFECTED',
    ],
    // nobody says what it affects, and there may be more inside
    ['pkg:maven/g/a@1.0.RELEASE', [{ version: '1', status: 'unaffected' }], 'UNKNOWN'],
    [
      'pkg:deb/debian/a@1:1.0-2',
      [
        { range: 'vers:deb/<1%3A1.0-3', status: 'affected' },
        { range: 'vers:deb/>=1%3A1.0-3', status: 'unaffected' },
      ],
      'AFFECTED',
    ],
    [
      'pkg:rpm/fedora/a@1.0-4.fc39?epoch=1',
      [
        { range: 'vers:rpm/<1:1.0-3.fc39', status: 'affected' },
        { range: 'vers:rpm/>=1:1.0-3.fc39', status: 'unaffected' },
      ],
      'NOT_AFFECTED',
    ],
    ['pkg:gem/a@2.0', [{ range: 'vers:gem/<3', status: 'unknown' }], 'UNKNOWN'],
    ['pkg:gem/a@2.0', [{ range: 'vers:npm/<3', status: 'affected' }], 'UNKNOWN'],
    ['pkg:apk/alpine/a@1.0-r1', [{ range: 'vers:apk/<1.0-r1' }], 'UNKNOWN'],
  ])('%s with %j: %s', (purl, versions, verdict) => {
    expect(
      judged(({ sbom, advisory }) => {
        sbom([{ name: 'a', purl, 'bom-ref': 'a' }], {
          vulnerabilities: [{ id: advisory, affects: [{ ref: 'a', versions }] }],
        });
      }),
    ).toBe(verdict);
  });
});

/** One statement after another, each on the day of its place. */
type Statement = readonly [type: string, data: object];

function told(purl: string, statements: readonly Statement[]): string {
  return judged(({ sbom, event, advisory }) => {
    sbom([{ name: 'a', purl }]);
    for (const [at, [type, data]] of statements.entries()) {
      event(type, { vulnerability: advisory, ...data }, `2026-05-${10 + at}T00:00:00Z`);
    }
  });
}

const detected = (...affects: string[]): Statement => ['vulnerability.detected', { affects }];
const withdrawn: Statement = ['vulnerability.withdrawn', {}];
const vers = (text: string) => `?vers=${range(`vers:${text}`)}`;

describe('a feed that corrects itself', () => {
  it.each<readonly [string, string, readonly Statement[], Verdict]>([
    [
      'a smaller range of Maven',
      'pkg:maven/g/a@1.5',
      [
        detected(`pkg:maven/g/a${vers('maven/<2.0')}`),
        detected(`pkg:maven/g/a${vers('maven/<1.2')}`),
      ],
      'NOT_AFFECTED',
    ],
    [
      'a greater range of Debian',
      'pkg:deb/debian/a@1:1.5-1',
      [
        detected(`pkg:deb/debian/a${vers('deb/<1:1.2-1')}`),
        detected(`pkg:deb/debian/a${vers('deb/<1:2.0-1')}`),
      ],
      'AFFECTED',
    ],
    [
      'another package of RPM',
      'pkg:rpm/fedora/a@1.5-1.fc39',
      [
        detected(`pkg:rpm/fedora/a${vers('rpm/<2-1')}`),
        detected(`pkg:rpm/fedora/b${vers('rpm/<2-1')}`),
      ],
      'NOT_AFFECTED',
    ],
    [
      'a range that nobody can read after one that could be read',
      'pkg:gem/a@1.5',
      [detected(`pkg:gem/a${vers('gem/<1.2')}`), detected(`pkg:gem/a${vers('gem/>=2|<1')}`)],
      'UNKNOWN',
    ],
    [
      'withdrawn',
      'pkg:apk/alpine/a@1.5-r0',
      [detected(`pkg:apk/alpine/a${vers('apk/<2-r0')}`), withdrawn],
      'NOT_AFFECTED',
    ],
    [
      'withdrawn and stated again',
      'pkg:apk/alpine/a@1.5-r0',
      [
        detected(`pkg:apk/alpine/a${vers('apk/<2-r0')}`),
        withdrawn,
        detected(`pkg:apk/alpine/a${vers('apk/<2-r0')}`),
      ],
      'AFFECTED',
    ],
  ])('%s: %s', (_name, purl, statements, verdict) => {
    expect(told(purl, statements)).toBe(verdict);
  });
});

describe('from the beginning', () => {
  it.each<Row>([
    [[`pkg:maven/g/a${vers('maven/>=0|<1.0')}`], 'pkg:maven/g/a@0.0.1-alpha-1', 'AFFECTED'],
    [[`pkg:maven/g/a${vers('maven/>=0')}`], 'pkg:maven/g/a@nightly', 'AFFECTED'],
    [[`pkg:deb/debian/a${vers('deb/>=0|<1.0-1')}`], 'pkg:deb/debian/a@0~git2020-1', 'AFFECTED'],
    [[`pkg:rpm/fedora/a${vers('rpm/>=0|<1.0-1')}`], 'pkg:rpm/fedora/a@0~rc1-1', 'AFFECTED'],
    [[`pkg:apk/alpine/a${vers('apk/*')}`], 'pkg:apk/alpine/a', 'AFFECTED'],
    [[`pkg:gem/a${vers('gem/>=0|<1.0')}`], 'pkg:gem/a@0.a', 'AFFECTED'],
    [[`pkg:gem/a${vers('gem/>=0|<1.0')}`], 'pkg:gem/a@1.0', 'NOT_AFFECTED'],
  ])('%j about %s: %s', check);
});

describe('an attested SBOM of several subjects', () => {
  const other = `sha256:${'e'.repeat(64)}`;
  const attested = (state: string | null) =>
    judged(({ image, event, affects, advisory, n }) => {
      const purl = `pkg:maven/g/${n('a')}@1.0`;
      const statement = {
        _type: 'https://in-toto.io/Statement/v1',
        predicateType: 'https://cyclonedx.org/bom',
        subject: [other, image].map((digest) => ({
          name: 'image',
          digest: { sha256: digest.replace('sha256:', '') },
        })),
        predicate: {
          ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
          metadata: { component: { type: 'application', name: 'app', 'bom-ref': 'app' } },
          components: [{ type: 'library', name: 'a', purl, 'bom-ref': 'a' }],
          ...(state === null
            ? {}
            : {
                vulnerabilities: [{ id: advisory, analysis: { state }, affects: [{ ref: 'a' }] }],
              }),
        },
      };
      const content = JSON.stringify(statement);
      const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      event('document.submitted', { digest, content });
      affects(purl);
    });

  it('has its contents inside of each', () => {
    expect(attested(null)).toBe('AFFECTED');
  });

  it('has its VEX inside of each', () => {
    expect([attested('not_affected'), attested('resolved'), attested('in_triage')]).toEqual([
      'NOT_AFFECTED',
      'NOT_AFFECTED',
      'AFFECTED',
    ]);
  });
});
