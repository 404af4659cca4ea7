import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EdgeType } from '../../../src/model/edge.ts';
import { judgeCompromise } from '../../../src/questions/compromise.ts';
import { minimumCut } from '../../../src/questions/cut.ts';
import {
  graphOf,
  oracleDownstream,
  oracleSubsets,
  oracleTaint,
  type PlainEdge,
} from '../../support/question-oracle.ts';

const BAD = 'Builder:bad';

describe('compromise', () => {
  const supplyChain: PlainEdge[] = [
    ['Build:lib', 'RAN_ON', BAD, 5],
    ['Artifact:lib', 'GENERATED_BY', 'Build:lib'],
    ['Build:app', 'USED', 'Artifact:lib'],
    ['Artifact:app', 'GENERATED_BY', 'Build:app'],
    ['Build:web', 'USED', 'Artifact:lib'],
    ['Artifact:web', 'GENERATED_BY', 'Build:web'],
    ['Deployment:1', 'DEPLOYS', 'Artifact:app'],
    ['Deployment:2', 'DEPLOYS', 'Artifact:web'],
  ];
  const question = {
    ...{ root: BAD, from: 0, to: 10, truncated: false },
    deployments: ['Deployment:1', 'Deployment:2'],
  };

  it('finds what a bad builder tainted through a dependency, and the one artifact to rebuild', () => {
    const found = judgeCompromise(graphOf(supplyChain), question);
    expect(found.tainted.map(({ deployment }) => deployment)).toEqual(question.deployments);
    expect(found).toMatchObject({ rebuild: ['Artifact:lib'], exact: true, notCleared: [] });
    expect(found.tainted[0]!.path.map(({ type }) => type)).toEqual([
      'DEPLOYS',
      'GENERATED_BY',
      'USED',
      'GENERATED_BY',
    ]);
  });

  it('looks at when it was bad', () => {
    expect(judgeCompromise(graphOf(supplyChain), { ...question, to: 5 }).tainted).toEqual([]);
    const timed = graphOf(supplyChain, { 'Build:lib': { startedAt: 50 } });
    expect(judgeCompromise(timed, question).tainted).toEqual([]);
  });

  it('trusts a rebuild with the same result on another builder, and no other', () => {
    const again: PlainEdge = ['Artifact:lib', 'GENERATED_BY', 'Build:again'];
    const clean = graphOf([...supplyChain, again, ['Build:again', 'RAN_ON', 'Builder:good']]);
    expect(judgeCompromise(clean, question)).toMatchObject({
      tainted: [{ cleanRebuild: true }, { cleanRebuild: true }],
      rebuild: [],
    });
    const sameBuilder = graphOf([...supplyChain, again, ['Build:again', 'RAN_ON', BAD, 99]]);
    expect(judgeCompromise(sameBuilder, question).tainted[0]).toMatchObject({
      cleanRebuild: false,
    });
    const unknown = graphOf([...supplyChain, again]);
    expect(judgeCompromise(unknown, question).tainted[0]).toMatchObject({ cleanRebuild: false });
  });

  it('calls nothing clean, and no set the smallest, where only part of the graph was read', () => {
    const clean = graphOf([
      ...supplyChain,
      ['Artifact:lib', 'GENERATED_BY', 'Build:again'],
      ['Build:again', 'RAN_ON', 'Builder:good'],
    ]);
    expect(judgeCompromise(clean, { ...question, truncated: true })).toMatchObject({
      tainted: [{ cleanRebuild: false }, { cleanRebuild: false }],
      rebuild: ['Artifact:lib'],
      exact: false,
    });
  });

  it('counts two digests of one file as one artifact', () => {
    const edges: PlainEdge[] = [
      ['Build:b', 'RAN_ON', BAD],
      ['Artifact:sha256', 'GENERATED_BY', 'Build:b'],
      ['Artifact:sha512', 'GENERATED_BY', 'Build:b'],
      ['Artifact:sha256', 'SAME_AS', 'Artifact:sha512'],
      ['Artifact:sha512', 'SAME_AS', 'Artifact:sha256'],
      ['Deployment:1', 'DEPLOYS', 'Artifact:sha256'],
      ['Deployment:2', 'DEPLOYS', 'Artifact:sha512'],
    ];
    expect(judgeCompromise(graphOf(edges), question).rebuild).toEqual(['Artifact:sha256']);
  });

  it('names what no rebuilt artifact clears', () => {
    const edges: PlainEdge[] = [
      ['Build:b', 'RAN_ON', BAD],
      ['PackageVersion:p', 'GENERATED_BY', 'Build:b'],
      ['Deployment:1', 'DEPLOYS', 'PackageVersion:p'],
    ];
    expect(judgeCompromise(graphOf(edges), question)).toMatchObject({
      ...{ rebuild: [], notCleared: ['Deployment:1'] },
    });
  });

  it('knows what a key signed, and what was built from a commit or its children, at that time', () => {
    const edges: PlainEdge[] = [
      ['Attestation:t', 'SIGNED_BY', 'Identity:k', 5],
      ['Attestation:t', 'ATTESTS', 'Artifact:a'],
      ['Artifact:b', 'SIGNED_BY', 'Identity:k', 50],
      ['Deployment:1', 'DEPLOYS', 'Artifact:a'],
      ['Deployment:2', 'DEPLOYS', 'Artifact:b'],
      ['Commit:child', 'PARENT', 'Commit:bad'],
      ['Build:c', 'BUILT_FROM', 'Commit:child', 6],
      ['Artifact:b', 'GENERATED_BY', 'Build:c'],
    ];
    const of = (root: string) =>
      judgeCompromise(graphOf(edges), { ...question, root }).tainted.map((one) => one.deployment);
    expect(of('Identity:k')).toEqual(['Deployment:1']);
    expect(of('Commit:bad')).toEqual(['Deployment:2']);
  });

  it('finds smallest sets, as trying every set does', () => {
    fc.assert(
      fc.property(randomChain, (edges) => {
        const deployments = ['Deployment:1', 'Deployment:2', 'Deployment:3'];
        const graph = graphOf(edges, {}, [BAD, ...deployments]);
        const found = judgeCompromise(graph, {
          ...{ root: BAD, from: 0, to: 10, deployments, truncated: false },
        });
        const starts = edges.flatMap(([from, type, to]) =>
          type === 'RAN_ON' && to === BAD ? [from] : [],
        );
        const reached = oracleDownstream(edges, starts);
        const tainted = oracleTaint(edges, starts, BAD, new Set());
        expect(
          found.tainted.map(({ deployment, cleanRebuild }) => [deployment, cleanRebuild]),
        ).toEqual(deployments.filter((id) => reached.has(id)).map((id) => [id, !tainted.has(id)]));
        const artifacts = [...tainted].filter((id) => id.startsWith('Artifact:'));
        const left = (set: readonly string[]) => oracleTaint(edges, starts, BAD, new Set(set));
        const everything = left(artifacts);
        const clearable = deployments.filter((id) => tainted.has(id) && !everything.has(id));
        expect(found.notCleared).toEqual(deployments.filter((id) => everything.has(id)));
        const best = [...oracleSubsets(artifacts)].find((set) => {
          const still = left(set);
          return !clearable.some((id) => still.has(id));
        })!;
        const still = left(found.rebuild);
        expect(clearable.filter((id) => still.has(id))).toEqual([]);
        expect(found.exact).toBe(true);
        expect(found.rebuild).toHaveLength(best.length);
      }),
      { numRuns: 200 },
    );
  });
});

const ENDS: readonly (readonly [string, EdgeType, string])[] = [
  ['Deployment', 'DEPLOYS', 'Artifact'],
  ['Deployment', 'DEPLOYS', 'Artifact'],
  ['Deployment', 'DEPLOYS', 'PackageVersion'],
  ['PackageVersion', 'CONTAINS', 'Artifact'],
  ['Artifact', 'GENERATED_BY', 'Build'],
  ['Artifact', 'GENERATED_BY', 'Build'],
  ['Artifact', 'CONTAINS', 'Artifact'],
  ['Artifact', 'DERIVED_FROM', 'Artifact'],
  ['Build', 'USED', 'Artifact'],
  ['Build', 'RAN_ON', 'Builder'],
];
const names: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['1', '2', '3'],
  PackageVersion: ['p'],
  Artifact: ['1', '2', '3', '4', '5', '6'],
  Build: ['1', '2', '3', '4'],
  Builder: ['bad', 'good', 'other'],
};
const randomChain = fc.array(
  fc
    .constantFrom(...ENDS)
    .chain(([from, type, to]) =>
      fc
        .tuple(fc.constantFrom(...names[from]!), fc.constantFrom(...names[to]!))
        .map(([a, b]): PlainEdge => [`${from}:${a}`, type, `${to}:${b}`]),
    ),
  { maxLength: 28 },
);

describe('minimum cut', () => {
  it('is as small as the smallest of all sets, on graphs of 12 nodes', () => {
    const ids = Array.from({ length: 12 }, (_, at) => `n${at}`);
    const edge = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 30 }), fc.nat({ max: 0xfff }), (edges, mask) => {
        const next = (id: string) => edges.flatMap(([from, to]) => (from === id ? [to] : []));
        const cuttable = (id: string) =>
          (mask & (1 << ids.indexOf(id))) !== 0 && id !== 'n10' && id !== 'n11';
        const problem = { sources: ['n0', 'n1'], targets: ['n10', 'n11'], next, cuttable };
        const reach = (cut: readonly string[]) => {
          const found = new Set(problem.sources.filter((id) => !cut.includes(id)));
          for (const id of found) for (const to of next(id)) if (!cut.includes(to)) found.add(to);
          return problem.targets.filter((id) => found.has(id));
        };
        const candidates = ids.filter(cuttable);
        const most = reach(candidates);
        const { nodes, uncuttable } = minimumCut(problem);
        expect(uncuttable).toEqual(most);
        expect(reach(nodes)).toEqual(most);
        const best = [...oracleSubsets(candidates, nodes.length)].find(
          (set) => reach(set).length === most.length,
        )!;
        expect(nodes).toHaveLength(best.length);
      }),
      { numRuns: 200 },
    );
  });

  it('cuts a wide graph of thousands of nodes', () => {
    const wide = 2_000;
    const next = (id: string): string[] => {
      const [kind = '', at = '0'] = id.split(' ');
      if (kind === 's') return Array.from({ length: wide }, (_, n) => `a ${n}`);
      if (kind === 'a') return [`m ${Number(at) % 7}`];
      return kind === 'm' ? ['t 0'] : [];
    };
    const cuttable = (id: string) => /^[am]/.test(id);
    const { nodes } = minimumCut({ sources: ['s 0'], targets: ['t 0'], next, cuttable });
    expect(nodes).toHaveLength(7);
  });
});
