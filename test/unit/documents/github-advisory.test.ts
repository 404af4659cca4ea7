import { describe, expect, test } from '@jest/globals';
import { parseConcern } from '../../../src/model/concern.ts';
import { edgesOf, nodeOf, parse, refusalOf } from './reading.ts';

const advisory = (range: string | null, more: object = {}, ecosystem = 'npm') => ({
  ...{ ghsa_id: 'GHSA-aaaa-bbbb-cccc', cve_id: 'CVE-2026-0001', summary: 'It breaks' },
  ...{ severity: 'medium', html_url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc' },
  identifiers: [
    { type: 'GHSA', value: 'GHSA-aaaa-bbbb-cccc' },
    { type: 'CVE', value: 'CVE-2026-0001' },
  ],
  ...{ published_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-02T00:00:00Z' },
  withdrawn_at: null,
  vulnerabilities: [
    {
      package: { ecosystem, name: 'lib' },
      ...{ vulnerable_version_range: range, first_patched_version: '9.9.9' },
    },
  ],
  ...more,
});

const said = (document: object) =>
  parse(document).changes.edges.flatMap(({ type, properties }) =>
    type !== 'CONCERNS'
      ? []
      : (properties?.['concerns'] as string[]).map((text) => {
          const { status, purl, range } = parseConcern(text)!;
          return `${status} ${purl} ${range}`;
        }),
  );

describe("an advisory of GitHub's API", () => {
  test.each([
    ['>= 1.0.0, < 1.2.3', 'affected pkg:npm/lib vers:npm/>=1.0.0|<1.2.3'],
    ['< 2.0.0', 'affected pkg:npm/lib vers:npm/<2.0.0'],
    ['<= 2.0.0', 'affected pkg:npm/lib vers:npm/<=2.0.0'],
    ['>= 3.0.0', 'affected pkg:npm/lib vers:npm/>=3.0.0'],
    ['> 3.0.0', 'affected pkg:npm/lib vers:npm/>=3.0.0'],
    ['= 1.1.0', 'affected pkg:npm/lib vers:npm/1.1.0'],
    ['1.x', 'unknown pkg:npm/lib null'],
    ['= 1.0.0, = 1.1.0', 'unknown pkg:npm/lib null'],
    ['< 1.0.0, < 2.0.0', 'unknown pkg:npm/lib null'],
    [null, 'unknown pkg:npm/lib null'],
  ])('with the range %s', (range, expected) => {
    expect(said(advisory(range))).toEqual([expected]);
  });

  test('is the record of its id, in its other names too', () => {
    const { format, changes } = parse(advisory('< 2.0.0'));
    expect(format).toBe('github-advisory');
    expect(changes.validFrom).toBe(Date.parse('2026-01-02T00:00:00Z'));
    expect(edgesOf(changes, 'SAME_AS')).toHaveLength(2);
    expect(nodeOf(changes, 'Vulnerability')?.facets).toMatchObject({
      summary: { summary: 'It breaks', severity: 'medium' },
    });
  });

  test('is withdrawn', () => {
    for (const more of [{ withdrawn_at: '2026-01-02T00:00:00Z' }, { state: 'withdrawn' }]) {
      const { changes } = parse(advisory('< 2.0.0', more));
      expect(changes.nodeEndings).toHaveLength(1);
    }
  });

  test('of an ecosystem without package URLs leaves open what it affects', () => {
    const { warnings } = parse(advisory('< 2.0.0', {}, 'other'));
    expect(warnings).toHaveLength(1);
    expect(said(advisory('< 2.0.0', {}, 'pip'))).toEqual([
      'affected pkg:pypi/lib vers:pypi/<2.0.0',
    ]);
  });

  test.each(['draft', 'triage', 'closed'])('in the state %s is refused', (state) => {
    expect(refusalOf(advisory('< 2.0.0', { state }))).toMatch(
      /UNSUPPORTED: .*only what is published/,
    );
  });
});
