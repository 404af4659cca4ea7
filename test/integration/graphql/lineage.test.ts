import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createReader } from '../../../src/graph/read/reader.ts';
import { toId } from '../../../src/graphql/ids.ts';
import type { NodeRef } from '../../../src/model/node.ts';
import { createSeed, type Seed, type SeedEdge } from '../../support/graph-seed.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';

const QUERY = `query ($of: ID!, $direction: LineageDirection!, $maxDepth: Int, $limit: Int! = 1000, $throughHistory: Boolean! = false) {
  lineage(of: $of, direction: $direction, maxDepth: $maxDepth, limit: $limit, throughHistory: $throughHistory) {
    root { key }
    nodes { depth node { id key label } }
    edges { from to type trust claims { claim trust } }
    truncated
    truncatedBy
  }
}`;

type Options = { maxDepth?: number; limit?: number; throughHistory?: boolean };

describe('lineage', () => {
  let seed: Seed;
  let asked: Asked;
  /** Each test has keys of its own. */
  let test = 0;
  beforeAll(async () => {
    seed = await createSeed();
    asked = await createTestGraphql({ reader: createReader(seed.graph, loadStatements()) });
  });
  beforeEach(() => {
    test += 1;
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await seed.close();
  });

  const ref = (label: NodeRef['label'], key: string) => seed.ref(label, `-${test}-${key}`);
  const artifact = (key: string) => ref('Artifact', key);
  const build = (key: string) => ref('Build', key);

  async function lineage(of: NodeRef, direction: 'UPSTREAM' | 'DOWNSTREAM', options: Options = {}) {
    const { data, errors } = await asked.ask(QUERY, { of: toId(of), direction, ...options });
    expect(errors).toEqual([]);
    return data.lineage;
  }
  /** Key (without the test's prefix) → depth. */
  async function depths(of: NodeRef, direction: 'UPSTREAM' | 'DOWNSTREAM', options?: Options) {
    const { nodes } = await lineage(of, direction, options);
    return Object.fromEntries(nodes.map((one: any) => [short(one.node.key), one.depth])); // eslint-disable-line @typescript-eslint/no-explicit-any
  }
  const short = (key: string) => key.replace(`${seed.prefix}-${test}-`, '');

  it('returns every node of a diamond of 40,000 once, with its shortest depth and every edge', async () => {
    const builds = 20_000;
    const edges: SeedEdge[] = [];
    for (let at = 0; at < builds; at += 1) {
      edges.push([artifact(`a${at}`), 'GENERATED_BY', build(`b${at}`)]);
      for (const step of [1, 2]) {
        if (at + step < builds) edges.push([build(`b${at}`), 'USED', artifact(`a${at + step}`)]);
      }
    }
    await seed.edges(edges);
    const {
      nodes,
      edges: found,
      truncated,
    } = await lineage(artifact('a0'), 'UPSTREAM', { limit: 100_000 });
    expect(truncated).toBe(false);
    expect(nodes).toHaveLength(2 * builds - 1);
    expect(new Set(nodes.map((one: { node: { id: string } }) => one.node.id)).size).toBe(
      2 * builds - 1,
    );
    expect(found).toHaveLength(edges.length);
    const last = nodes.find(
      (one: { node: { key: string } }) => one.node.key === artifact('a19999').key,
    );
    expect(last.depth).toBe(20_000); // a0 and 10,000 times a build and two artifacts further, or one

    const down = await lineage(artifact('a19999'), 'DOWNSTREAM', { limit: 100_000 });
    expect(down.nodes).toHaveLength(2 * builds - 2); // its own build is upstream of it
  }, 180_000);

  it('follows arrows upstream and goes against them downstream', async () => {
    await seed.edges([
      [ref('Deployment', 'd'), 'DEPLOYS', artifact('a')],
      [artifact('a'), 'GENERATED_BY', build('b')],
      [build('b'), 'BUILT_FROM', ref('Commit', 'c')],
      [ref('Commit', 'c'), 'PARENT', ref('Commit', 'p')],
      [build('b'), 'RAN_ON', ref('Builder', 'r')],
    ]);
    expect(await depths(artifact('a'), 'UPSTREAM')).toEqual({ b: 1, c: 2 });
    expect(await depths(artifact('a'), 'UPSTREAM', { throughHistory: true })).toEqual({
      b: 1,
      c: 2,
      p: 3,
    });
    expect(await depths(ref('Commit', 'p'), 'DOWNSTREAM')).toEqual({});
    expect(await depths(ref('Commit', 'p'), 'DOWNSTREAM', { throughHistory: true })).toEqual({
      c: 1,
      b: 2,
      a: 3,
      d: 4,
    });
  });

  it('does not count a fix that replaces a bad deployment as affected', async () => {
    const [bad, fix] = [ref('Deployment', 'bad'), ref('Deployment', 'fix')];
    await seed.edges([
      [bad, 'DEPLOYS', artifact('a')],
      [fix, 'DEPLOYS', artifact('fixed')],
      [fix, 'REPLACES', bad],
      [ref('Vulnerability', 'v'), 'AFFECTS', artifact('a')],
    ]);
    expect(await depths(artifact('a'), 'DOWNSTREAM')).toEqual({ bad: 1 });
    expect(await depths(ref('Vulnerability', 'v'), 'DOWNSTREAM')).toEqual({ a: 1, bad: 2 });
    expect(await depths(bad, 'DOWNSTREAM')).toEqual({});
  });

  it('never puts a node into its own lineage: alias cycle, self loop, cycle of two', async () => {
    const file = ref('PackageVersion', 'p');
    await seed.edges([
      [artifact('a'), 'SAME_AS', artifact('b')],
      [artifact('b'), 'SAME_AS', artifact('a')],
      [artifact('a'), 'PACKAGED_AS', file],
      [file, 'PACKAGED_AS', artifact('a')],
      [artifact('a'), 'DERIVED_FROM', artifact('a')],
      [artifact('b'), 'CONTAINS', artifact('c')],
      [artifact('c'), 'CONTAINS', artifact('b')],
    ]);
    expect(await depths(artifact('a'), 'UPSTREAM')).toEqual({ b: 1, p: 1, c: 2 });
    expect(await depths(artifact('a'), 'DOWNSTREAM')).toEqual({ b: 1, p: 1, c: 2 });
    const { edges } = await lineage(artifact('a'), 'UPSTREAM');
    expect(edges).toHaveLength(7); // the self loop among them
    // exactly as many nodes as asked for: the way back to the root does not count
    expect(await lineage(artifact('a'), 'UPSTREAM', { limit: 3 })).toMatchObject({
      truncated: false,
    });
  });

  it('carries a bad builder through a package to its users', async () => {
    const lib = ref('PackageVersion', 'lib');
    await seed.edges([
      [build('bad'), 'RAN_ON', ref('Builder', 'r')],
      [artifact('file'), 'GENERATED_BY', build('bad')],
      [artifact('file'), 'PACKAGED_AS', lib],
      [lib, 'PACKAGED_AS', artifact('file')],
      [artifact('app'), 'CONTAINS', lib],
      [ref('Deployment', 'd'), 'DEPLOYS', artifact('app')],
      [build('bad'), 'USED', artifact('tool')],
    ]);
    expect(await depths(ref('Builder', 'r'), 'DOWNSTREAM')).toEqual({
      bad: 1,
      file: 2,
      lib: 3,
      app: 4,
      d: 5,
    });
    expect(await depths(ref('Builder', 'r'), 'UPSTREAM')).toEqual({ bad: 1, tool: 2 });
    const { edges } = await lineage(ref('Builder', 'r'), 'DOWNSTREAM');
    expect(edges.map(({ type }: { type: string }) => type).sort()).toEqual([
      'CONTAINS',
      'DEPLOYS',
      'GENERATED_BY',
      'PACKAGED_AS',
      'PACKAGED_AS',
      'RAN_ON',
    ]);
  });

  it('starts at a signer with what it signed: attestations, and what they attest', async () => {
    const [signer, other] = [ref('Identity', 'i'), ref('Identity', 'other')];
    await seed.edges([
      [ref('Attestation', 't'), 'SIGNED_BY', signer],
      [ref('Attestation', 't'), 'SIGNED_BY', other],
      [ref('Attestation', 't'), 'ATTESTS', artifact('a')],
      [artifact('s'), 'SIGNED_BY', signer],
      [ref('Deployment', 'd'), 'DEPLOYS', artifact('a')],
    ]);
    expect(await depths(signer, 'DOWNSTREAM')).toEqual({ t: 1, s: 1, a: 2, d: 3 });
    expect(await lineage(signer, 'DOWNSTREAM', { maxDepth: 1 })).toMatchObject({
      truncatedBy: 'DEPTH',
    });
    expect(await depths(signer, 'DOWNSTREAM', { maxDepth: 2 })).toEqual({ t: 1, s: 1, a: 2 });
    expect(await depths(ref('Attestation', 't'), 'DOWNSTREAM')).toEqual({
      a: 1,
      i: 1,
      other: 1,
      d: 2,
    });
  });

  it('starts at an advisory with what it and its other names affect', async () => {
    const [cve, ghsa] = [ref('Vulnerability', 'cve'), ref('Vulnerability', 'ghsa')];
    await seed.edges([
      [cve, 'SAME_AS', ghsa],
      [ghsa, 'SAME_AS', cve],
      [cve, 'AFFECTS', ref('PackageVersion', 'p1')],
      [ghsa, 'AFFECTS', ref('PackageVersion', 'p2')],
      [artifact('a'), 'CONTAINS', ref('PackageVersion', 'p2')],
    ]);
    expect(await depths(cve, 'DOWNSTREAM')).toEqual({ ghsa: 1, p1: 1, p2: 2, a: 3 });
  });

  it('leaves out what a withdrawn advisory claimed before it was withdrawn', async () => {
    const advisory = ref('Vulnerability', 'v');
    const later = { validFrom: 1_800_000_000_000 };
    await seed.edges([
      [advisory, 'AFFECTS', artifact('before')],
      [advisory, 'AFFECTS', artifact('after'), later],
    ]);
    await seed.nodes([{ ...advisory, properties: { endValid: [1_750_000_000_000] } }]);
    expect(await depths(advisory, 'DOWNSTREAM')).toEqual({ after: 1 });
  });

  it('starts at environment, package, repository and workflow', async () => {
    await seed.edges([
      [ref('Deployment', 'd'), 'TARGETS', ref('Environment', 'e')],
      [ref('Deployment', 'd'), 'DEPLOYS', artifact('a')],
      [ref('PackageVersion', 'v1'), 'VERSION_OF', ref('Package', 'p')],
      [artifact('a'), 'CONTAINS', ref('PackageVersion', 'v1')],
      [artifact('a'), 'GENERATED_BY', build('b')],
      [build('b'), 'PART_OF', ref('Workflow', 'w')],
      [build('b'), 'BUILT_FROM', ref('Commit', 'c')],
      [ref('Commit', 'c'), 'IN_REPOSITORY', ref('Repository', 'r')],
    ]);
    expect(await depths(ref('Environment', 'e'), 'UPSTREAM')).toEqual({
      d: 1,
      a: 2,
      v1: 3,
      b: 3,
      c: 4,
    });
    expect(await depths(ref('Package', 'p'), 'DOWNSTREAM')).toEqual({ v1: 1, a: 2, d: 3 });
    expect(await depths(ref('Repository', 'r'), 'DOWNSTREAM')).toEqual({ c: 1, b: 2, a: 3, d: 4 });
    expect(await depths(ref('Workflow', 'w'), 'DOWNSTREAM')).toEqual({ b: 1, a: 2, d: 3 });
  });

  it('walks step by step from many, and finds the same shortest depths', async () => {
    const count = 30; // more than one statement starts from
    const edges: SeedEdge[] = [];
    for (let at = 0; at < count; at += 1) {
      edges.push([build(`b${at}`), 'RAN_ON', ref('Builder', 'r')]);
      edges.push([artifact(`a${at}`), 'GENERATED_BY', build(`b${at}`)]);
      if (at > 0) edges.push([build(`b${at}`), 'USED', artifact(`a${at - 1}`)]);
    }
    for (let at = 0; at < 5; at += 1)
      edges.push([
        artifact(`x${at}`),
        'DERIVED_FROM',
        at === 0 ? artifact('a0') : artifact(`x${at - 1}`),
      ]);
    await seed.edges(edges);
    const found = await depths(ref('Builder', 'r'), 'DOWNSTREAM');
    expect(Object.keys(found)).toHaveLength(2 * count + 5);
    expect([found['b29'], found['a29'], found['x0'], found['x4']]).toEqual([1, 2, 3, 7]);
    expect(await lineage(ref('Builder', 'r'), 'DOWNSTREAM', { limit: 40 })).toMatchObject({
      truncatedBy: 'LIMIT',
    });
  });

  it('S30 cuts at the limit, nearest first, and says so', async () => {
    const edges: SeedEdge[] = [];
    for (let at = 0; at < 50; at += 1) {
      edges.push(
        [build(`b${at}`), 'USED', artifact('hub')],
        [artifact(`a${at}`), 'GENERATED_BY', build(`b${at}`)],
      );
    }
    await seed.edges(edges);
    const cut = await lineage(artifact('hub'), 'DOWNSTREAM', { limit: 20 });
    expect(cut).toMatchObject({ truncated: true, truncatedBy: 'LIMIT' });
    expect(cut.nodes).toHaveLength(20);
    expect(cut.nodes.every(({ depth }: { depth: number }) => depth === 1)).toBe(true);
    expect(cut.edges).toHaveLength(20);
    expect(await lineage(artifact('hub'), 'DOWNSTREAM', { limit: 100 })).toMatchObject({
      truncated: false,
      truncatedBy: null,
    });
  });

  it.each([[{ limit: 0 }], [{ limit: 100_001 }], [{ maxDepth: 0 }], [{ maxDepth: 100_001 }]])(
    'S30 refuses %p',
    async (options) => {
      const { codes } = await asked.ask(QUERY, {
        of: toId(artifact('x')),
        direction: 'UPSTREAM',
        ...options,
      });
      expect(codes).toEqual(['BAD_USER_INPUT']);
    },
  );

  it('S30 cuts at a depth between two bounds, and says so only where there is more', async () => {
    const chain = Array.from({ length: 9 }, (_, at): SeedEdge => [
      artifact(`a${at}`),
      'DERIVED_FROM',
      artifact(`a${at + 1}`),
    ]);
    await seed.edges(chain);
    const four = await lineage(artifact('a0'), 'UPSTREAM', { maxDepth: 4 });
    expect([four.nodes.length, four.truncatedBy]).toEqual([4, 'DEPTH']);
    expect(four.edges).toHaveLength(4);
    expect(await lineage(artifact('a0'), 'UPSTREAM', { maxDepth: 9 })).toMatchObject({
      truncatedBy: null,
    });
    expect(await lineage(artifact('a0'), 'UPSTREAM', { maxDepth: 1_000 })).toMatchObject({
      truncatedBy: null,
    });
  });

  it('follows only what holds, and shows one edge with the best of its claims', async () => {
    await seed.edges([
      [artifact('a'), 'GENERATED_BY', build('b'), { claim: 'c1' }],
      [artifact('a'), 'GENERATED_BY', build('b'), { claim: 'c2', trust: 3 }],
      [
        artifact('a'),
        'GENERATED_BY',
        build('b'),
        { claim: 'c3', trust: 3, endValid: [1], endKnown: [1], endBy: ['e'] },
      ],
      [
        artifact('a'),
        'GENERATED_BY',
        build('ended'),
        { endValid: [1], endKnown: [1], endBy: ['e'] },
      ],
      [artifact('a'), 'GENERATED_BY', build('unborn'), { validFrom: null, endValid: [1] }],
    ]);
    const { nodes, edges } = await lineage(artifact('a'), 'UPSTREAM');
    expect(nodes).toHaveLength(1);
    expect(edges).toEqual([
      {
        from: toId(artifact('a')),
        to: toId(build('b')),
        type: 'GENERATED_BY',
        trust: 'TRUSTED',
        claims: [
          { claim: 'c2', trust: 'TRUSTED' },
          { claim: 'c1', trust: 'UNVERIFIED' },
        ],
      },
    ]);
  });

  it('reads properties of the nodes where they are asked for', async () => {
    await seed.edges([[artifact('a'), 'GENERATED_BY', build('b')]]);
    await seed.nodes([{ ...build('b'), properties: { name: 'compile', outcome: 'success' } }]);
    const { data } = await asked.ask(
      `query ($of: ID!) { lineage(of: $of, direction: UPSTREAM) { nodes { node { name resolved ... on Build { state artifacts { nodes { key } } } } } } }`,
      { of: toId(artifact('a')) },
    );
    expect(data.lineage.nodes[0].node).toEqual({
      name: 'compile',
      resolved: true,
      state: 'SUCCESS',
      artifacts: { nodes: [{ key: artifact('a').key }] },
    });
  });
});
