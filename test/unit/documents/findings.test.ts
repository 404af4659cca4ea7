import { describe, expect, test } from '@jest/globals';
import { parseConcern } from '../../../src/model/concern.ts';
import { edgesOf, keysOf, nodeOf, parse } from './reading.ts';

/** `vulnerability status thing [in range]`, sorted. */
function said(document: object): string[] {
  const { changes } = parse(document);
  return changes.edges
    .filter(({ type }) => type === 'CONCERNS')
    .flatMap(({ from, properties }) =>
      (properties?.['concerns'] as string[]).map((text) => {
        const { status, purl, range } = parseConcern(text)!;
        return `${from.key} ${status} ${purl}${range === null ? '' : ` in ${range}`}`;
      }),
    )
    .sort();
}
const warnings = (document: object) => parse(document).warnings.map(({ message }) => message);
const aliases = (document: object) =>
  edgesOf(parse(document).changes, 'SAME_AS').filter((line) =>
    line.startsWith('Vulnerability GHSA'),
  );

const trivy = (results: readonly object[]) => ({
  ...{ SchemaVersion: 2, CreatedAt: '2026-05-01T10:00:00.000000005Z', ArtifactName: 'app:1' },
  ...{ ArtifactType: 'container_image', Results: results },
});
const grype = (matches: readonly object[]) => ({
  matches,
  source: { type: 'image', target: { userInput: 'app:1' } },
  descriptor: { name: 'grype', version: '0.80.0', timestamp: '2026-05-01T10:00:00.1+00:00' },
});
const match = (id: string, related: readonly string[], artifact: object = {}) => ({
  vulnerability: { id, severity: 'High' },
  relatedVulnerabilities: related.map((one) => ({ id: one })),
  artifact: { name: 'lib', version: '1.0.0', purl: 'pkg:npm/lib@1.0.0', ...artifact },
});

describe('Trivy', () => {
  const one = { VulnerabilityID: 'CVE-2026-0001', PkgName: 'lib', InstalledVersion: '1.0.0' };

  test('is believed about what it found, by its package URL, or by name in an ecosystem', () => {
    const PURL = 'pkg:deb/debian/openssl@1.1.1-1?arch=amd64&distro=debian-12';
    const document = trivy([
      { Type: 'debian', Vulnerabilities: [{ ...one, PkgIdentifier: { PURL } }] },
      { Type: 'npm', Vulnerabilities: [{ ...one, PkgName: '@acme/lib' }] },
      { Type: 'jar', Vulnerabilities: [{ ...one, PkgName: 'org.acme:lib' }] },
    ]);
    expect(said(document)).toEqual([
      `CVE-2026-0001 found ${PURL}`,
      'CVE-2026-0001 found pkg:maven/org.acme/lib@1.0.0',
      'CVE-2026-0001 found pkg:npm/%40acme/lib@1.0.0',
    ]);
    expect(nodeOf(parse(document).changes, 'Document')?.facets).toMatchObject({
      ...{
        name: { name: 'Trivy on app:1' },
        content: { issuedAt: Date.parse('2026-05-01T10:00:00Z') },
      },
    });
    expect(edgesOf(parse(document).changes, 'AFFECTS')).toHaveLength(3);
    expect(edgesOf(parse(document).changes, 'DESCRIBES')).toEqual([]);
  });

  test('names what it cannot name, and leaves out what it does not claim', () => {
    const document = trivy([
      { Type: 'alpine', Vulnerabilities: [one, { PkgName: 'x' }] },
      { Type: 'npm', Vulnerabilities: [{ ...one, Status: 'not_affected' }] },
      { Type: 'npm', Vulnerabilities: null },
    ]);
    expect(said(document)).toEqual([]);
    expect(warnings(document)).toEqual([
      "'Results.0.Vulnerabilities.0' reports CVE-2026-0001 in 'lib 1.0.0', which has no package URL: it is left out.",
      "'Results.0.Vulnerabilities.1' (x null): its id names no vulnerability: it is left out.",
    ]);
  });

  test('that found nothing says nothing', () => {
    expect(keysOf(parse(trivy([])).changes, 'Vulnerability')).toEqual([]);
  });
});

describe('Grype', () => {
  test('says that an advisory of GitHub is the CVE that it is related to', () => {
    const document = grype([match('GHSA-aaaa-bbbb-cccc', ['CVE-2026-0001'])]);
    expect(said(document)).toEqual(['GHSA-aaaa-bbbb-cccc found pkg:npm/lib@1.0.0']);
    expect(aliases(document)).toEqual([
      'Vulnerability GHSA-aaaa-bbbb-cccc -SAME_AS-> Vulnerability CVE-2026-0001',
    ]);
  });

  test('does not say that the CVEs of a notice are one', () => {
    const document = grype([match('RHSA-2026:1', ['CVE-2026-0001', 'CVE-2026-0002'])]);
    expect(said(document)).toEqual(
      ['CVE-2026-0001', 'CVE-2026-0002', 'RHSA-2026:1'].map(
        (id) => `${id} found pkg:npm/lib@1.0.0`,
      ),
    );
    expect(edgesOf(parse(document).changes, 'SAME_AS')).toEqual([]);
  });

  test('names what has no package URL', () => {
    const document = grype([match('CVE-2026-0001', [], { purl: '' })]);
    expect(said(document)).toEqual([]);
    expect(warnings(document)).toEqual([expect.stringMatching(/CVE-2026-0001 in 'lib 1.0.0'/)]);
  });
});

test('OSV-Scanner is believed by ecosystem, name and version', () => {
  const found = (ecosystem: string, name: string, version: string) => ({
    package: { name, version, ecosystem },
    vulnerabilities: [
      { id: 'GHSA-aaaa-bbbb-cccc', aliases: ['CVE-2026-0001'], modified: '2026-01-01T00:00:00Z' },
    ],
    groups: [{ ids: ['GHSA-aaaa-bbbb-cccc'] }],
  });
  const source = { path: '/app/go.mod', type: 'lockfile' };
  const packages = [found('Go', 'example.com/lib', '1.2.3'), found('', 'what', '1')];
  const document = { results: [{ source, packages }] };
  expect(said(document)).toEqual(['GHSA-aaaa-bbbb-cccc found pkg:golang/example.com/lib@1.2.3']);
  expect(aliases(document)).toHaveLength(1);
  expect(warnings(document)).toEqual([expect.stringMatching(/'what 1', which has no package URL/)]);
});

describe('npm audit', () => {
  const url = 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc';

  test('names a range of a package, and not the version that is there', () => {
    const document = {
      auditReportVersion: 2,
      vulnerabilities: {
        lib: { name: 'lib', via: [{ source: 1, name: 'lib', url, range: '>=1.0.0 <1.2.3' }] },
        app: { name: 'app', via: ['lib'] },
        odd: { name: 'odd', via: [{ source: 2, name: 'odd', url, range: 'whenever' }] },
        own: {
          name: 'own',
          via: [{ source: 3, name: 'own', url: 'https://npmjs.com/3', range: '*' }],
        },
      },
    };
    expect(said(document)).toEqual(['GHSA-aaaa-bbbb-cccc found pkg:npm/lib in >=1.0.0 <1.2.3']);
    expect(warnings(document)).toEqual([
      expect.stringMatching(/'odd whenever', which has no package URL/),
      expect.stringMatching(/own \*\): its id names no vulnerability/),
    ]);
  });

  test('of the older form names the versions', () => {
    const advisory = {
      module_name: 'lib',
      url,
      cves: ['CVE-2026-0001'],
      vulnerable_versions: '<2.0.0',
    };
    const document = (findings: object) => ({
      advisories: { 1: { ...advisory, ...findings } },
      metadata: {},
    });
    const named = document({ findings: [{ version: '1.0.0' }, { version: '1.1.0' }] });
    expect(said(named)).toEqual([
      'GHSA-aaaa-bbbb-cccc found pkg:npm/lib@1.0.0',
      'GHSA-aaaa-bbbb-cccc found pkg:npm/lib@1.1.0',
    ]);
    expect(aliases(named)).toHaveLength(1);
    expect(said(document({}))).toEqual(['GHSA-aaaa-bbbb-cccc found pkg:npm/lib in <2.0.0']);
  });
});

test('pip-audit is believed about a version', () => {
  const document = {
    dependencies: [
      {
        name: 'Jinja2',
        version: '2.4.1',
        vulns: [{ id: 'PYSEC-2019-217', fix_versions: ['2.10.1'], aliases: ['CVE-2019-10906'] }],
      },
      { name: 'clean', version: '1.0', vulns: [] },
      { name: 'odd', skip_reason: 'not on PyPI' },
    ],
    fixes: [],
  };
  expect(said(document)).toEqual(['PYSEC-2019-217 found pkg:pypi/jinja2@2.4.1']);
});

test('SARIF is about packages where its properties name them', () => {
  const rule = (id: string, purls?: readonly string[]) => ({
    id,
    properties: purls === undefined ? {} : { purls },
  });
  const rules = [
    rule('CVE-2026-0001-lib', ['pkg:npm/lib@1.0.0', 'pkg:npm/lib']),
    rule('CVE-2026-0002'),
    rule('js/sql-injection'),
    rule('CVE-2026-0003', ['pkg:npm/lib@1.0.0']),
  ];
  const results = [
    { ruleId: 'CVE-2026-0001-lib', message: { text: 'lib' } },
    { ruleId: 'CVE-2026-0002', message: { text: 'Package: libssl' } },
    { ruleId: 'js/sql-injection', message: { text: 'a query' } },
    { ruleIndex: 3, properties: { purl: 'pkg:npm/other@2.0.0' } },
    { ruleId: 'CVE-2026-0001-lib', kind: 'pass' },
  ];
  const driver = { name: 'Grype', version: '0.80.0', rules };
  const document = { version: '2.1.0', runs: [{ tool: { driver }, results }] };
  expect(said(document)).toEqual([
    'CVE-2026-0001 found pkg:npm/lib@1.0.0',
    'CVE-2026-0003 found pkg:npm/other@2.0.0',
  ]);
  expect(warnings(document)).toEqual([
    "'runs.0.results.0' reports CVE-2026-0001 in 'pkg:npm/lib', which has no package URL: it is left out.",
    "'runs.0.results.1' reports CVE-2026-0002 in 'Package: libssl', which has no package URL: it is left out.",
  ]);
});
