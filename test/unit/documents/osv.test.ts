import { describe, expect, test } from '@jest/globals';
import { parseConcern, type Concern } from '../../../src/model/concern.ts';
import { matchPackage } from '../../../src/model/package-match.ts';
import { parsePurl } from '../../../src/model/purl.ts';
import { edgesOf, fixture, parse, refusalOf } from './reading.ts';

/** An OSV record about one package, with overrides. */
function record(affected: readonly object[], more: object = {}): object {
  return {
    ...{ schema_version: '1.7.3', id: 'OSV-1', modified: '2026-01-02T00:00:00Z', affected },
    ...more,
  };
}

const entry = (ecosystem: string, name: string, events: readonly object[], more: object = {}) => ({
  package: { ecosystem, name },
  ranges: [{ type: 'ECOSYSTEM', events }],
  ...more,
});

/** What is said of packages, in the order of their text. */
function concernsOf(document: object): Concern[] {
  return parse(document)
    .changes.edges.filter(({ type }) => type === 'CONCERNS')
    .flatMap(({ properties }) => properties?.['concerns'] as string[])
    .map((text) => parseConcern(text)!);
}

/** Whether one of what is said is about a version, as an analyst would read it. */
function verdict(document: object, purl: string): string[] {
  const version = parsePurl(purl);
  return concernsOf(document).map(({ purl: about, range, status }) => {
    const { result } = matchPackage({ purl: parsePurl(about!), range }, version);
    return `${result} ${status}`;
  });
}

const between = [{ introduced: '1.0.0' }, { fixed: '1.2.0' }];

describe('versions of an OSV record', () => {
  test.each([
    ['npm', 'a', 'pkg:npm/a', '1.0.0', '1.2.0'],
    ['npm', '@scope/a', 'pkg:npm/%40scope/a', '1.1.9', '1.2.0'],
    ['PyPI', 'Some_Pkg', 'pkg:pypi/some-pkg', '1.1.0.post1', '1.2.0'],
    ['Go', 'example.com/x/y', 'pkg:golang/example.com/x/y', 'v1.1.0', 'v1.2.0'],
    ['Go', 'stdlib', 'pkg:golang/stdlib', '1.1.0', '1.2.0'],
    ['Maven', 'org.acme:lib', 'pkg:maven/org.acme/lib', '1.2.0-rc1', '1.2.0'],
    ['crates.io', 'a', 'pkg:cargo/a', '1.1.0', '1.2.0'],
    ['RubyGems', 'a', 'pkg:gem/a', '1.2.0.pre', '1.2.0'],
    ['NuGet', 'A.B', 'pkg:nuget/A.B', '1.1.0', '1.2.0'],
    ['Packagist', 'acme/a', 'pkg:composer/acme/a', '1.1.0', '1.2.0'],
    ['Hex', 'a', 'pkg:hex/a', '1.1.0', '1.2.0'],
  ])('%s %s is %s', (ecosystem, name, purl, inside, outside) => {
    const document = record([entry(ecosystem, name, between)]);
    expect(verdict(document, `${purl}@${inside}`)).toEqual(['YES affected']);
    expect(verdict(document, `${purl}@${outside}`)).toEqual(['NO affected']);
    expect(verdict(document, `${purl}@0.9.0`)).toEqual(['NO affected']);
  });

  test.each<[string, object[], string[], string[]]>([
    [
      'from the beginning',
      [{ introduced: '0' }, { fixed: '2.0.0' }],
      ['0.0.1', '1.9.9'],
      ['2.0.0'],
    ],
    ['without an end', [{ introduced: '1.0.0' }], ['1.0.0', '99.0.0'], ['0.9.9']],
    ['all of them', [{ introduced: '0' }], ['0.0.0-alpha', '99.0.0'], []],
    [
      'up to the last that is affected',
      [{ introduced: '0' }, { last_affected: '1.5.0' }],
      ['1.5.0'],
      ['1.5.1'],
    ],
    [
      'one version',
      [{ introduced: '1.5.0' }, { last_affected: '1.5.0' }],
      ['1.5.0'],
      ['1.4.9', '1.5.1'],
    ],
    [
      'several branches, in whatever order they stand',
      [{ fixed: '2.3.0' }, { introduced: '2.0.0' }, { fixed: '1.2.0' }, { introduced: '0' }],
      ['1.1.9', '2.0.0', '2.2.9'],
      ['1.2.0', '1.9.9', '2.3.0'],
    ],
    [
      'a number where a text should be',
      [{ introduced: 0 }, { fixed: '2.0.0' }],
      ['1.9.9'],
      ['2.0.0'],
    ],
    ['a limit', [{ introduced: '1.0.0' }, { limit: '1.4.0' }], ['1.3.9'], ['1.4.0']],
    ['a limit of none', [{ introduced: '1.0.0' }, { limit: '*' }], ['99.0.0'], ['0.9.0']],
    [
      'introduced twice before it is fixed',
      [{ introduced: '1.0.0' }, { introduced: '1.5.0' }, { fixed: '2.0.0' }],
      ['1.2.0', '1.9.0'],
      ['2.0.0'],
    ],
  ])('%s', (_, events, affected, others) => {
    const document = record([entry('npm', 'a', events)]);
    for (const version of affected) {
      expect(verdict(document, `pkg:npm/a@${version}`)).toEqual(['YES affected']);
    }
    for (const version of others) {
      expect(verdict(document, `pkg:npm/a@${version}`)).toEqual(['NO affected']);
    }
  });

  test('that are listed count with and without ranges, and are not said twice', () => {
    const versions = ['1.0.0', '1.1.0', '3.0.0'];
    const both = record([entry('npm', 'a', between, { versions })]);
    expect(concernsOf(both).map(({ range }) => range)).toEqual([
      'vers:npm/3.0.0',
      'vers:npm/>=1.0.0|<1.2.0',
    ]);
    const alone = record([{ package: { ecosystem: 'npm', name: 'a' }, versions }]);
    expect(verdict(alone, 'pkg:npm/a@1.1.0')).toEqual(['YES affected']);
    expect(verdict(alone, 'pkg:npm/a@1.1.1')).toEqual(['NO affected']);
  });

  test('of a package with thousands of them fit into ranges', () => {
    const versions = Array.from({ length: 3_000 }, (_, at) => `1.${at}.0.dev1`);
    const document = record([{ package: { ecosystem: 'PyPI', name: 'a' }, versions }]);
    expect(parse(document).warnings).toEqual([]);
    for (const at of [0, 1_500, 2_999]) {
      expect(verdict(document, `pkg:pypi/a@${encodeURIComponent(versions[at]!)}`)).toContain(
        'YES affected',
      );
    }
    expect(verdict(document, 'pkg:pypi/a@1.5.0')).not.toContain('YES affected');
  });
});

test('a version that no range can name is named by itself', () => {
  const document = record([
    { package: { ecosystem: 'PyPI', name: 'a' }, versions: ['1.0', '2.0+cpu'] },
  ]);
  expect(verdict(document, 'pkg:pypi/a@2.0%2Bcpu')).toContain('YES affected');
  expect(verdict(document, 'pkg:pypi/a@2.0')).toEqual(['NO affected', 'UNKNOWN affected']);
});

test.each([
  ['<= 2.5.0', '2.5.0', '2.5.1'],
  ['< 2.5.0', '2.4.9', '2.5.0'],
])(
  'a range without a fix ends where GitHub knows it to be affected last: %s',
  (text, inside, outside) => {
    const more = { database_specific: { last_known_affected_version_range: text } };
    const document = record([entry('npm', 'a', [{ introduced: '2.0.0' }], more)]);
    expect(verdict(document, `pkg:npm/a@${inside}`)).toEqual(['YES affected']);
    expect(verdict(document, `pkg:npm/a@${outside}`)).toEqual(['NO affected']);
    const fixed = record([entry('npm', 'a', between, more)]);
    expect(verdict(fixed, 'pkg:npm/a@1.2.0')).toEqual(['NO affected']);
  },
);

describe('a release of a distribution', () => {
  const fixed = [{ introduced: '0' }, { fixed: '1.2-3' }];
  test.each([
    ['Debian:12', 'pkg:deb/debian/a@1.2-2?distro=debian-12', 'YES affected'],
    ['Debian:12', 'pkg:deb/debian/a@1.2-3?distro=debian-12', 'NO affected'],
    ['Debian:12', 'pkg:deb/debian/a@1.2-2?distro=debian-13', 'NO affected'],
    ['Debian:12', 'pkg:deb/debian/a@1.2-2', 'UNKNOWN affected'],
    ['Ubuntu:22.04:LTS', 'pkg:deb/ubuntu/a@1.2-2?distro=ubuntu-22.04', 'YES affected'],
    ['Ubuntu:22.04:LTS', 'pkg:deb/ubuntu/a@1.2-2?distro=ubuntu-24.04', 'NO affected'],
    ['Ubuntu:Pro:22.04:LTS', 'pkg:deb/ubuntu/a@1.2-2?distro=ubuntu-22.04', 'YES unknown'],
    ['Alpine:v3.18', 'pkg:apk/alpine/a@1.2-r0?distro=alpine-3.18.4', 'YES affected'],
    ['Red Hat:rhel_aus:8.6::appstream', 'pkg:rpm/redhat/a@1.2-2.el8', 'YES unknown'],
  ])('%s meets %s: %s', (ecosystem, purl, expected) => {
    const events = ecosystem.startsWith('Alpine')
      ? [{ introduced: '0' }, { fixed: '1.2-r1' }]
      : fixed;
    expect(verdict(record([entry(ecosystem, 'a', events)]), purl)).toEqual([expected]);
  });
});

describe('what cannot be compared is not known', () => {
  test.each([
    [
      'an ecosystem without package URLs',
      { package: { ecosystem: 'Seal:Go', name: 'a' }, versions: ['1'] },
    ],
    [
      'commits alone',
      { ranges: [{ type: 'GIT', repo: 'https://git.example/a', events: [{ introduced: '0' }] }] },
    ],
  ])('%s: a reference that leads nowhere', (_, affected) => {
    const { changes, warnings } = parse(record([affected]));
    expect(edgesOf(changes, 'AFFECTS')).toEqual([
      expect.stringMatching(/^Vulnerability OSV-1 -AFFECTS-> Resource [0-9a-f]{64}#affected\.0$/),
    ]);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('what it affects is not known'),
    ]);
  });

  test('a package without any version', () => {
    const document = record([{ package: { ecosystem: 'npm', name: 'a' } }]);
    expect(verdict(document, 'pkg:npm/a@1.0.0')).toEqual(['YES unknown']);
    expect(parse(document).warnings).toHaveLength(1);
  });

  test.each<[string, object]>([
    [
      'a range that introduces nothing',
      { ranges: [{ type: 'ECOSYSTEM', events: [{ fixed: '9.0.0' }] }], versions: ['5.0.0'] },
    ],
    ['a version that is a fraction', { versions: ['5.0.0', 1.1] }],
  ])('%s, whatever else is said', (_, more) => {
    const document = record([{ package: { ecosystem: 'npm', name: 'a' }, ...more }]);
    expect(verdict(document, 'pkg:npm/a@1.1.0')).toContain('YES unknown');
    expect(verdict(document, 'pkg:npm/a@5.0.0')).toContain('YES affected');
    expect(parse(document).warnings).toHaveLength(1);
  });

  test('an entry that is not an object: a reference that leads nowhere', () => {
    for (const affected of ['a', ['a']]) {
      const { changes, warnings } = parse(record([], { affected }));
      expect(edgesOf(changes, 'AFFECTS')).toHaveLength(1);
      expect(warnings).toHaveLength(1);
    }
  });

  test('a bound that is not a version of the ecosystem', () => {
    const document = record([entry('npm', 'a', [{ introduced: '0' }, { fixed: 'next' }])]);
    expect(verdict(document, 'pkg:npm/a@1.0.0')).toEqual(['UNKNOWN affected']);
    expect(parse(document).warnings[0]?.message).toContain("'next' is not a version");
  });
});

test('a version that another entry calls fixed is not affected by one without an end', () => {
  const document = JSON.parse(fixture('osv/npm-ghsa.json')) as object;
  expect(verdict(document, 'pkg:npm/formidable@3.5.3')).toEqual(['NO affected', 'NO affected']);
  expect(verdict(document, 'pkg:npm/formidable@2.1.2')).toContain('YES affected');
});

test.each([
  ['go.json', 'pkg:golang/golang.org/x/image@v0.17.0'],
  ['npm-ghsa.json', 'pkg:npm/formidable@3.5.2'],
  ['pypi.json', 'pkg:pypi/werkzeug@3.1.4'],
  ['withdrawal-announced.json', 'pkg:pypi/scipy@0.12.0'],
  ['debian.json', 'pkg:deb/debian/nginx@1.2.1-2.2?arch=source&distro=debian-7'],
])('%s of the world meets %s', (name, purl) => {
  expect(verdict(JSON.parse(fixture(`osv/${name}`)) as object, purl)).toContain('YES affected');
});

describe('a record as a whole', () => {
  test('says under which ids it is known, how bad it is, and since when', () => {
    const { changes, format } = parse(
      record([entry('npm', 'a', between)], {
        aliases: ['CVE-2026-1', 'OSV-1'],
        related: ['CVE-2026-2'],
        summary: 'Bad.',
        published: '2026-01-01T00:00:00Z',
        database_specific: { severity: 'MODERATE' },
        references: [
          { type: 'WEB', url: 'https://a.example' },
          { type: 'ADVISORY', url: 'https://b.example' },
        ],
      }),
    );
    expect(format).toBe('osv-1.7.3');
    expect(edgesOf(changes, 'SAME_AS')).toEqual([
      'Vulnerability OSV-1 -SAME_AS-> Vulnerability CVE-2026-1',
      'Vulnerability CVE-2026-1 -SAME_AS-> Vulnerability OSV-1',
    ]);
    expect(changes.nodes.find(({ key }) => key === 'OSV-1')?.facets).toMatchObject({
      summary: { summary: 'Bad.', severity: 'medium', url: 'https://b.example' },
      published: { publishedAt: Date.parse('2026-01-01T00:00:00Z') },
    });
    expect(changes.validFrom).toBe(Date.parse('2026-01-02T00:00:00Z'));
  });

  test('that is withdrawn affects nothing, and ends what it said', () => {
    const withdrawn = '2026-01-01T12:00:00Z';
    const { changes } = parse(record([entry('npm', 'a', between)], { withdrawn }));
    expect(edgesOf(changes, 'AFFECTS', 'CONCERNS')).toEqual([]);
    expect(changes.nodeEndings).toEqual([
      { label: 'Vulnerability', key: 'OSV-1', at: Date.parse('2026-01-02T00:00:00Z') },
    ]);
  });

  test('whose withdrawal is announced stands until then', () => {
    const withdrawn = '2030-01-01T00:00:00Z';
    const { changes } = parse(record([entry('npm', 'a', between)], { withdrawn }));
    expect(edgesOf(changes, 'CONCERNS')).toHaveLength(1);
    expect(changes.nodeEndings).toEqual([
      { label: 'Vulnerability', key: 'OSV-1', at: Date.parse(withdrawn) },
    ]);
  });

  test('without a time is refused: which of two is newer could not be told', () => {
    expect(refusalOf(record([], { modified: 'yesterday' }))).toMatch(
      /MALFORMED: 'modified' of the OSV record OSV-1 is not an RFC 3339 time/,
    );
  });
});

describe('what an OSV record is called upstream', () => {
  test.each([
    ['UBUNTU-CVE-2026-4004', ['CVE-2026-4004'], ['CVE-2026-4004']],
    ['DEBIAN-CVE-2026-4004', ['CVE-2026-4004'], ['CVE-2026-4004']],
    // a notice is about a fix, and may be about several
    ['RHSA-2026:6220', ['CVE-2026-6345'], []],
    ['USN-6315-1', ['CVE-2026-1', 'CVE-2026-2'], []],
    ['UBUNTU-CVE-2026-1', ['CVE-2026-1', 'CVE-2026-2'], []],
  ])('%s of %j: also known as %j', (id, upstream, aliases) => {
    const { changes } = parse(record([], { id, upstream }));
    const edges = edgesOf(changes, 'SAME_AS').filter((edge) =>
      edge.startsWith(`Vulnerability ${id}`),
    );
    expect(edges).toEqual(
      aliases.map((alias) => `Vulnerability ${id} -SAME_AS-> Vulnerability ${alias}`),
    );
  });
});

describe('how bad it is, by an OSV record', () => {
  const V2 = 'AV:N/AC:L/Au:N/C:P/I:P/A:P';
  const V31 = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H';
  const V4 = 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N';
  const rated = (severity: readonly (readonly [string, unknown])[], more: object = {}) => {
    const document = record([{ package: { ecosystem: 'npm', name: 'a' }, versions: ['1.0.0'] }], {
      severity: severity.map(([type, score]) => ({ type, score })),
      ...more,
    });
    const [node] = parse(document).changes.nodes.filter(({ label }) => label === 'Vulnerability');
    const { severity: word, score } = node?.facets.summary as Record<string, unknown>;
    return [word, score];
  };

  test.each([
    ['a vector of 3.1', [['CVSS_V3', V31]], 'critical', 10],
    ['one of 4.0', [['CVSS_V4', V4]], 'critical', 9.3],
    [
      'the highest of both',
      [
        ['CVSS_V4', V4],
        ['CVSS_V3', V31],
      ],
      'critical',
      10,
    ],
    ['one of 2.0 alone', [['CVSS_V2', V2]], 'high', 7.5],
    [
      'a later version counts before one of 2.0',
      [
        ['CVSS_V2', V2],
        ['CVSS_V3', 'CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N'],
      ],
      'low',
      1.8,
    ],
    ['what Ubuntu says in a word', [['Ubuntu', 'negligible']], 'low', undefined],
    ['a vector that leaves a metric out', [['CVSS_V3', 'CVSS:3.1/AV:N']], undefined, undefined],
    ['a text that is not a vector', [['CVSS_V3', '9.8']], undefined, undefined],
    ['a number', [['CVSS_V3', 9.8]], undefined, undefined],
    ['no score', [], undefined, undefined],
  ] as const)('%s', (_what, severity, word, score) => {
    expect(rated(severity, { summary: 'A.' })).toEqual([word, score]);
  });

  test('the word of the database counts before the score, which stays', () => {
    const more = { database_specific: { severity: 'MODERATE' } };
    expect(rated([['CVSS_V3', V31]], more)).toEqual(['medium', 10]);
  });

  test('the score that is stated for one package counts as well', () => {
    const affected = [
      {
        package: { ecosystem: 'npm', name: 'a' },
        versions: ['1.0.0'],
        severity: [{ type: 'CVSS_V3', score: V31 }],
      },
    ];
    expect(rated([], { affected })).toEqual(['critical', 10]);
  });
});
