import { describe, expect, it } from '@jest/globals';
import { findGaps } from '../../../src/questions/gaps.ts';
import type { ImpactQuestion } from '../../../src/questions/impact.ts';
import { judgeImpact } from '../../support/judge-impact.ts';
import type { VexStatement } from '../../../src/questions/vex.ts';
import { graphOf, type PlainEdge } from '../../support/question-oracle.ts';

const D = 'Deployment:d';
const V = 'Vulnerability:CVE-1';
const WHEEL = 'Artifact:sha256:wheel';
const SDIST = 'Artifact:sha256:sdist';
const X = 'PackageVersion:pkg:pypi/x@1.0';
const IMAGE = 'Artifact:sha256:image';
/** Two files of one version, each built on a runner of its own. */
const FILES: PlainEdge[] = [
  [WHEEL, 'DISTRIBUTION_OF', X],
  [SDIST, 'DISTRIBUTION_OF', X],
  [WHEEL, 'GENERATED_BY', 'Build:wheel'],
  [SDIST, 'GENERATED_BY', 'Build:sdist'],
  ['Build:wheel', 'RAN_ON', 'Builder:one'],
  ['Build:sdist', 'RAN_ON', 'Builder:two'],
  ['Build:wheel', 'BUILT_FROM', 'Commit:one'],
  ['Build:sdist', 'BUILT_FROM', 'Commit:two'],
];
/** An image with the version inside, from a pipeline of its own. */
const INSIDE: PlainEdge[] = [
  [IMAGE, 'CONTAINS', X],
  [IMAGE, 'GENERATED_BY', 'Build:image'],
  ['Build:image', 'RAN_ON', 'Builder:images'],
  ['Build:image', 'BUILT_FROM', 'Commit:image'],
];
const runs = (thing: string): PlainEdge => [D, 'DEPLOYS', thing];
const SBOM: Record<string, Record<string, unknown>> = { 'Document:s': { complete: true } };
const described: PlainEdge = ['Document:s', 'DESCRIBES', IMAGE];

function judge(edges: readonly PlainEdge[], root: string, more: Partial<ImpactQuestion> = {}) {
  return judgeImpact(graphOf([...FILES, ...edges], SBOM, [root]), {
    ...{ root, deployments: [D], history: false, vex: [], truncated: false },
    ...more,
  })[0]!;
}

const says = (product: string, status: VexStatement['status']): VexStatement => ({
  ...{ vulnerability: 'CVE-1', product, status, justification: null },
  ...{ at: 1, event: 'e', within: null },
});

describe('a question about the origin of one file of a version', () => {
  const origins = ['Builder:one', 'Build:wheel', 'Commit:one', WHEEL];

  it.each(origins)('is open where the version is inside of what runs: %s', (root) => {
    const item = judge([...INSIDE, described, runs(IMAGE)], root);
    expect(item).toMatchObject({ verdict: 'UNKNOWN', reason: 'FILE_UNKNOWN' });
    expect(item.detail).toBe(
      'sha256:wheel is a file of pkg:pypi/x@1.0, which may have others: whether this is the one is not known',
    );
    const way = item.path.map(({ type }) => type);
    expect(way.slice(0, 3)).toEqual(['DEPLOYS', 'CONTAINS', 'DISTRIBUTION_OF']);
  });

  it.each(origins)('is open where the version runs by its name: %s', (root) => {
    expect(judge([runs(X)], root)).toMatchObject({ verdict: 'UNKNOWN', reason: 'FILE_UNKNOWN' });
  });

  it.each(['Builder:one', 'Build:wheel', 'Commit:one'])(
    'is answered where the other file runs: %s',
    (root) => {
      expect(judge([runs(SDIST)], root).verdict).toBe('NOT_AFFECTED');
      expect(judge([runs(WHEEL)], root).verdict).toBe('AFFECTED');
    },
  );

  it('is open through a file that has a file of the version inside by its name', () => {
    const bundle: PlainEdge[] = [
      ['Artifact:sha256:bundle', 'CONTAINS', X],
      ['Artifact:sha256:bundle', 'DISTRIBUTION_OF', 'PackageVersion:pkg:generic/bundle@1'],
      [IMAGE, 'CONTAINS', 'PackageVersion:pkg:generic/bundle@1'],
    ];
    const own = INSIDE.filter(([, type]) => type !== 'CONTAINS');
    expect(judge([...bundle, ...own, runs(IMAGE)], 'Builder:one').reason).toBe('FILE_UNKNOWN');
  });

  it('is open where a build names the version alone, and a file of it runs, or what has the version inside', () => {
    const named: PlainEdge[] = [
      [X, 'MAY_BE_GENERATED_BY', 'Build:named'],
      ['Build:named', 'RAN_ON', 'Builder:three'],
    ];
    for (const edges of [[runs(WHEEL)], [runs(X)], [...INSIDE, described, runs(IMAGE)]]) {
      expect(judge([...named, ...edges], 'Builder:three')).toMatchObject({
        ...{ verdict: 'UNKNOWN', reason: 'FILE_UNKNOWN' },
        detail:
          'named says that it made pkg:pypi/x@1.0, which may have several files: whether it made this one is not known',
      });
    }
  });

  it('says nothing of what has nothing to do with the version', () => {
    const own = INSIDE.filter(([, type]) => type !== 'CONTAINS');
    expect(judge([...own, runs(IMAGE)], 'Builder:one')).toMatchObject({
      verdict: 'NOT_AFFECTED',
      reason: 'ORIGIN_WITHOUT_MATCH',
    });
  });
});

describe('a question about a version that has several files', () => {
  const affects: PlainEdge = [V, 'AFFECTS', X];

  it.each([WHEEL, SDIST])('is about each of them: %s', (file) => {
    const item = judge([affects, runs(file)], V);
    expect(item).toMatchObject({ verdict: 'AFFECTED', reason: 'REACHED' });
    expect(item.path.map(({ type }) => type)).toEqual(['DEPLOYS', 'DISTRIBUTION_OF', 'AFFECTS']);
    expect(judge([runs(file)], X).verdict).toBe('AFFECTED');
  });

  it('is about a file inside of something, and about the files of a version that has it inside', () => {
    expect(judge([affects, [IMAGE, 'CONTAINS', WHEEL], runs(IMAGE)], V).verdict).toBe('AFFECTED');
    const app = 'PackageVersion:pkg:maven/g/app@2';
    const nested: PlainEdge[] = [
      [app, 'CONTAINS', X],
      ['Artifact:sha256:app', 'DISTRIBUTION_OF', app],
    ];
    expect(judge([affects, ...nested, runs('Artifact:sha256:app')], V).verdict).toBe('AFFECTED');
  });

  it('is cleared by VEX on the version, for its files too', () => {
    const item = judge([affects, runs(WHEEL)], V, { vex: [says(X, 'not_affected')] });
    expect(item).toMatchObject({ verdict: 'NOT_AFFECTED', reason: 'VEX' });
  });

  it('is not cleared for the other file by VEX on one of them', () => {
    const vex = [says(WHEEL, 'not_affected')];
    expect(judge([affects, runs(SDIST)], V, { vex }).verdict).toBe('AFFECTED');
    expect(judge([affects, runs(WHEEL)], V, { vex }).verdict).toBe('NOT_AFFECTED');
  });
});

describe('an advisory about one file of a version', () => {
  const affects: PlainEdge = [V, 'AFFECTS', WHEEL];

  it('leaves open whether it is the one that an SBOM lists by the version', () => {
    const item = judge([affects, ...INSIDE, described, runs(IMAGE)], V);
    expect(item).toMatchObject({ verdict: 'UNKNOWN', reason: 'FILE_UNKNOWN' });
  });

  it('is about no other file, and clears what has nothing of the version inside', () => {
    const own = INSIDE.filter(([, type]) => type !== 'CONTAINS');
    expect(judge([affects, ...own, described, runs(IMAGE)], V)).toMatchObject({
      verdict: 'NOT_AFFECTED',
      reason: 'SBOM_WITHOUT_MATCH',
    });
    expect(judge([affects, ['Document:s', 'DESCRIBES', SDIST], runs(SDIST)], V).verdict).toBe(
      'NOT_AFFECTED',
    );
  });
});

describe('a chain that comes to a version with several files', () => {
  const gapsOf = (edges: readonly PlainEdge[], root = D, materials = false) =>
    findGaps(graphOf([...edges], {}, [root]), [root], { materials }).gaps.map(
      ({ kind, at }) => `${kind} ${at}`,
    );

  it('breaks there, and does not go on to any of them', () => {
    expect(gapsOf([...FILES, runs(X)])).toEqual([`FILE_UNKNOWN ${X}`]);
    expect(gapsOf(FILES, X)).toEqual([`FILE_UNKNOWN ${X}`]);
    expect(gapsOf([runs(X)])).toEqual([`FILE_UNKNOWN ${X}`]);
  });

  it('goes on where a build names the version, or it is one file', () => {
    const named: PlainEdge[] = [[X, 'GENERATED_BY', 'Build:named'], runs(X)];
    expect(gapsOf([...FILES, ...named])).toEqual([
      'NO_COMMIT Build:named',
      'NO_BUILDER Build:named',
    ]);
    expect(gapsOf([runs(X), [X, 'PACKAGED_AS', WHEEL]])).toContain(`NO_BUILD ${WHEEL}`);
  });

  it('of what a build used, names only versions that there are files to choose from', () => {
    const used: PlainEdge[] = [
      ['Build:b', 'USED', X],
      ['Build:b', 'USED', 'PackageVersion:pkg:pypi/y@1'],
    ];
    expect(gapsOf([...FILES, ...used], 'Build:b', true)).toContain(`FILE_UNKNOWN ${X}`);
    expect(gapsOf(used, 'Build:b', true)).not.toContain(`FILE_UNKNOWN ${X}`);
  });
});

describe('a digest that does not tell files apart', () => {
  const shared: PlainEdge[] = [
    [WHEEL, 'HAS_DIGEST', 'Artifact:sha1:w'],
    ['Document:s', 'DESCRIBES', WHEEL],
  ];

  it('leaves open whether the file is meant that has it', () => {
    const affects: PlainEdge = [V, 'AFFECTS', 'Artifact:sha1:w'];
    const item = judge([...shared, affects, runs(WHEEL)], V);
    expect(item).toMatchObject({ verdict: 'UNKNOWN', reason: 'FILE_UNKNOWN' });
    expect(item.detail).toBe(
      'sha256:wheel is said to have the digest sha1:w, which does not tell it from others: whether this is the one is not known',
    );
  });

  it('leaves open whether what runs by it is the file that was built', () => {
    const item = judge([...shared, runs('Artifact:sha1:w')], 'Builder:one');
    expect(item).toMatchObject({ verdict: 'UNKNOWN', reason: 'FILE_UNKNOWN' });
  });
});
