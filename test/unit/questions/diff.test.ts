import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EdgeType } from '../../../src/model/edge.ts';
import { diffFacts, factsOf, rankChanges, type Change } from '../../../src/questions/diff.ts';
import type { Subgraph } from '../../../src/questions/subgraph.ts';
import { graphOf, type PlainEdge } from '../../support/question-oracle.ts';

function diff(graph: Subgraph, from: string, to: string): Change[] {
  return diffFacts(factsOf(graph, from), factsOf(graph, to));
}

const RELEASES: PlainEdge[] = [
  ['Artifact:1', 'CONTAINS', 'PackageVersion:pkg:npm/p@1'],
  ['Artifact:1', 'CONTAINS', 'PackageVersion:pkg:npm/gone@1'],
  ['Artifact:2', 'CONTAINS', 'PackageVersion:pkg:npm/p@2'],
  ['Artifact:2', 'CONTAINS', 'PackageVersion:pkg:npm/new@1'],
  ['PackageVersion:pkg:npm/p@1', 'VERSION_OF', 'Package:pkg:npm/p'],
  ['PackageVersion:pkg:npm/p@2', 'VERSION_OF', 'Package:pkg:npm/p'],
  ['Vulnerability:CVE', 'AFFECTS', 'PackageVersion:pkg:npm/p@1'],
  ['Vulnerability:GHSA', 'AFFECTS', 'PackageVersion:pkg:npm/p@1'],
  ['Vulnerability:CVE', 'SAME_AS', 'Vulnerability:GHSA'],
  ['Artifact:1', 'GENERATED_BY', 'Build:1'],
  ['Artifact:2', 'GENERATED_BY', 'Build:2'],
  ['Build:1', 'RAN_ON', 'Builder:hosted'],
  ['Build:2', 'RAN_ON', 'Builder:laptop'],
  ['Build:1', 'BUILT_FROM', 'Commit:1'],
  ['Build:2', 'BUILT_FROM', 'Commit:3'],
  ['Commit:3', 'PARENT', 'Commit:2'],
  ['Commit:2', 'PARENT', 'Commit:1'],
  ['Attestation:1', 'ATTESTS', 'Artifact:1'],
  ['Attestation:1', 'SIGNED_BY', 'Identity:ci'],
];
const PROPERTIES = {
  'Attestation:1': { predicateType: 'https://slsa.dev/provenance/v1' },
  'Build:1': { parameters: '{"target":"app","debug":false}' },
  'Build:2': { parameters: '{"target":"app","debug":true}' },
};

describe('diff', () => {
  const graph = graphOf(RELEASES, PROPERTIES);

  it('names what changed between two releases, each thing once', () => {
    const changes = diff(graph, 'Artifact:1', 'Artifact:2').map(
      ({ kind, subject, before, after }) => `${kind} ${subject} ${before.length}>${after.length}`,
    );
    expect(changes).toEqual([
      'PROVENANCE https://slsa.dev/provenance/v1 1>0',
      'SIGNER Identity:ci 1>0',
      'BUILDER Builder:hosted 1>0',
      'BUILDER Builder:laptop 0>1',
      'PARAMETER parameters.debug 1>1',
      'COMMIT Commit:2 0>1',
      'COMMIT Commit:3 0>1',
      'PACKAGE Package:pkg:npm/p 1>1',
      'PACKAGE PackageVersion:pkg:npm/gone@1 1>0',
      'PACKAGE PackageVersion:pkg:npm/new@1 0>1',
      'VULNERABILITY Vulnerability:CVE 1>0',
    ]);
  });

  it('puts what an attacker would leave before what every release has', () => {
    const changes = diff(graph, 'Artifact:1', 'Artifact:2');
    const ranked = rankChanges(changes, { isFirstSeen: () => true, severityOf: () => null });
    expect(ranked.slice(0, 3).map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'PROVENANCE https://slsa.dev/provenance/v1',
      'BUILDER Builder:laptop',
      'SIGNER Identity:ci',
    ]);
    expect(ranked.at(-1)!.kind).toBe('COMMIT');
  });

  it('is empty for a thing and itself, and its own inverse the other way round', () => {
    fc.assert(
      fc.property(randomReleases, (edges) => {
        const random = graphOf(edges, {}, ['Artifact:1', 'Artifact:2', 'Deployment:1']);
        for (const id of ['Artifact:1', 'Deployment:1']) expect(diff(random, id, id)).toEqual([]);
        const there = diff(random, 'Artifact:1', 'Artifact:2');
        const back = diff(random, 'Artifact:2', 'Artifact:1');
        expect(back).toEqual(
          there.map(({ kind, subject, before, after }) => ({
            kind,
            subject,
            before: after,
            after: before,
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('leads from one side to the other: nothing but the differences differs', () => {
    fc.assert(
      fc.property(randomReleases, (edges) => {
        const random = graphOf(edges, {}, ['Artifact:1', 'Artifact:2']);
        const [a, b] = [flat(random, 'Artifact:1'), flat(random, 'Artifact:2')];
        for (const { kind, subject, before, after } of diff(random, 'Artifact:1', 'Artifact:2')) {
          for (const value of before) expect(a.delete(`${kind} ${subject} ${value}`)).toBe(true);
          for (const value of after) a.add(`${kind} ${subject} ${value}`);
        }
        expect([...a].sort()).toEqual([...b].sort());
      }),
      { numRuns: 200 },
    );
  });
});

function flat(graph: Subgraph, root: string): Set<string> {
  return new Set(
    [...factsOf(graph, root)].flatMap(([kind, subjects]) =>
      [...subjects].flatMap(([subject, values]) =>
        [...values].map((value) => `${kind} ${subject} ${value}`),
      ),
    ),
  );
}

const ENDS: readonly (readonly [string, EdgeType, string])[] = [
  ['Deployment', 'DEPLOYS', 'Artifact'],
  ['Artifact', 'GENERATED_BY', 'Build'],
  ['Artifact', 'CONTAINS', 'PackageVersion'],
  ['Artifact', 'SAME_AS', 'Artifact'],
  ['Artifact', 'SIGNED_BY', 'Identity'],
  ['PackageVersion', 'VERSION_OF', 'Package'],
  ['Vulnerability', 'AFFECTS', 'PackageVersion'],
  ['Vulnerability', 'SAME_AS', 'Vulnerability'],
  ['Build', 'RAN_ON', 'Builder'],
  ['Build', 'USED', 'Artifact'],
  ['Build', 'BUILT_FROM', 'Commit'],
  ['Commit', 'PARENT', 'Commit'],
  ['Commit', 'IN_REPOSITORY', 'Repository'],
  ['Attestation', 'ATTESTS', 'Artifact'],
];
const randomReleases = fc.array(
  fc
    .tuple(fc.constantFrom(...ENDS), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .map(([[from, type, to], a, b]): PlainEdge => [`${from}:${a}`, type, `${to}:${b}`]),
  { maxLength: 40 },
);
