import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findGaps } from '../../../src/questions/gaps.ts';
import { createSubgraph, type Subgraph } from '../../../src/questions/subgraph.ts';
import { graphOf, type PlainEdge } from '../../support/question-oracle.ts';

const CHAIN: PlainEdge[] = [
  ['Deployment:d', 'DEPLOYS', 'Artifact:a'],
  ['Artifact:a', 'GENERATED_BY', 'Build:b'],
  ['Attestation:t', 'ATTESTS', 'Artifact:a'],
  ['Attestation:t', 'SIGNED_BY', 'Identity:i'],
  ['Document:s', 'DESCRIBES', 'Artifact:a'],
  ['Build:b', 'BUILT_FROM', 'Commit:c'],
  ['Build:b', 'RAN_ON', 'Builder:r'],
];
const PROVENANCE = {
  'Attestation:t': { predicateType: 'https://slsa.dev/provenance/v1', signatures: 1 },
};

describe('gaps', () => {
  it('finds none in a complete chain, and names a placeholder', () => {
    const of = (properties: Record<string, Record<string, unknown>>) =>
      findGaps(graphOf(CHAIN, properties), ['Deployment:d'], { materials: false }).gaps;
    expect(of(PROVENANCE)).toEqual([]);
    expect(of({ 'Commit:c': { resolved: false } })).toEqual([
      { kind: 'UNRESOLVED', at: 'Commit:c', missing: null },
    ]);
  });

  it('names a tag that resolved to nothing, and a deployment of nothing', () => {
    const tag = graphOf([['Deployment:d', 'DEPLOYS', 'Resource:tag']]);
    expect(findGaps(tag, ['Deployment:d'], { materials: false }).gaps).toEqual([
      { kind: 'TAG_UNRESOLVED', at: 'Resource:tag', missing: 'RESOLVED_TO' },
    ]);
    const nothing = graphOf([], {}, ['Deployment:d']);
    expect(findGaps(nothing, ['Deployment:d'], { materials: false }).gaps).toMatchObject([
      { kind: 'NOTHING_DEPLOYED' },
    ]);
  });

  it('finds what is said of an image index for its manifest, but no SBOM', () => {
    const edges: PlainEdge[] = CHAIN.map(([from, type, to]) => [
      from,
      type,
      type === 'DEPLOYS' ? 'Artifact:manifest' : to,
    ]);
    const graph = graphOf([...edges, ['Artifact:a', 'CONTAINS', 'Artifact:manifest']], {
      'Artifact:a': { mediaType: 'application/vnd.oci.image.index.v1+json' },
    });
    const { gaps } = findGaps(graph, ['Deployment:d'], { materials: false });
    expect(gaps).toEqual([{ kind: 'NO_SBOM', at: 'Artifact:manifest', missing: 'DESCRIBES' }]);
  });

  it('supports no SLSA level by what nobody has verified', () => {
    const hop = (trust: string, builder = 'Builder:r') => {
      const plain = graphOf(
        CHAIN.map(([from, type, to]) => [from, type, to === 'Builder:r' ? builder : to]),
        PROVENANCE,
      );
      const { level, claimedLevel } = findGaps(trusting(plain, trust), ['Deployment:d'], {
        materials: false,
      }).hops[0]!;
      return [level, claimedLevel];
    };
    const hardened =
      'Builder:https://github.com/slsa-framework/slsa-github-generator/.github/workflows/x.yml@refs/tags/v2.0.0';
    expect(hop('UNVERIFIED')).toEqual([0, 2]);
    expect(hop('INVALID')).toEqual([0, 0]);
    expect(hop('SIGNED')).toEqual([1, 2]);
    expect(hop('TRUSTED')).toEqual([2, 2]);
    expect(hop('TRUSTED', hardened)).toEqual([3, 3]);
    expect(hop('UNVERIFIED', hardened)).toEqual([0, 3]);
  });

  it('names exactly the edges that were deleted from complete chains', () => {
    const complete = fc.integer({ min: 1, max: 5 }).map((count) =>
      Array.from({ length: count }, (_, at) =>
        CHAIN.map(([from, type, to]): PlainEdge => [
          `${from}${at}`,
          type,
          // builders, signers and commits are shared
          /^(?:Builder|Identity|Commit)/.test(to) ? to : `${to}${at}`,
        ]),
      ).flat(),
    );
    const roots = (edges: readonly PlainEdge[]) =>
      [...new Set(edges.map(([from]) => from))].filter((id) => id.startsWith('Deployment:'));
    fc.assert(
      fc.property(complete, fc.infiniteStream(fc.boolean()), (edges, coins) => {
        const deleted = edges.filter(
          () => coins.next().value === true && coins.next().value === true,
        );
        const kept = edges.filter((edge) => !deleted.includes(edge));
        const graph = graphOf(
          kept,
          PROVENANCE,
          edges.flatMap(([from, , to]) => [from, to]),
        );
        const named = findGaps(graph, roots(edges), { materials: false }).gaps.map(
          ({ at, missing }) => `${missing} ${at}`,
        );
        // what hangs on nothing but a deleted edge cannot be seen any more
        const seen = new Set(roots(edges));
        for (const id of seen) {
          for (const [from, type, to] of kept) {
            if (from === id && type !== 'SIGNED_BY') seen.add(to);
            if (to === id && (type === 'ATTESTS' || type === 'DESCRIBES')) seen.add(from);
          }
        }
        const expected = deleted.flatMap(([from, type, to]) => {
          const at = type === 'ATTESTS' || type === 'DESCRIBES' ? to : from;
          return seen.has(at) ? [`${type} ${at}`] : [];
        });
        expect(named.sort()).toEqual(expected.sort());
      }),
      { numRuns: 200 },
    );
  });

  it('names exactly k of k deleted edges where none hides another', () => {
    const leaves = CHAIN.filter(
      ([, type]) => !['DEPLOYS', 'GENERATED_BY', 'ATTESTS'].includes(type),
    );
    fc.assert(
      fc.property(fc.subarray(leaves), (deleted) => {
        const kept = CHAIN.filter((edge) => !deleted.includes(edge));
        const graph = graphOf(
          kept,
          PROVENANCE,
          CHAIN.flatMap(([from, , to]) => [from, to]),
        );
        const { gaps } = findGaps(graph, ['Deployment:d'], { materials: false });
        expect(gaps.map(({ missing }) => missing).sort()).toEqual(
          deleted.map(([, type]) => type).sort(),
        );
      }),
      { numRuns: 200 },
    );
  });
});

/** The same graph with every claim believed so far. */
function trusting(graph: Subgraph, trust: string): Subgraph {
  return createSubgraph(
    graph.nodes.values(),
    graph.edges.map((edge) => ({
      ...edge,
      claims: edge.claims.map((claim) => ({ ...claim, trust: trust as typeof claim.trust })),
    })),
  );
}
