import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Direction } from '../../../src/graph/lineage/scope.ts';
import { createReader, type Reader } from '../../../src/graph/read/reader.ts';
import type { EntityRecord } from '../../../src/graph/read/records.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import type { EdgeType } from '../../../src/model/edge.ts';
import { refId, type NodeLabel, type NodeRef } from '../../../src/model/node.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import {
  cargoEdges,
  commitEdges,
  goEdges,
  npmEdges,
  type Edges,
} from '../../support/real-graphs.ts';

/** The whole data set lies beside the project; parts of it are fixtures, so that every clone compares something. */
const SHARED = new URL('../../../../shared/data/', import.meta.url);
const FIXTURES = new URL('../../fixtures/', import.meta.url);

type Kind = {
  readonly label: NodeLabel;
  readonly type: EdgeType;
  readonly scope: {
    readonly throughHistory: boolean;
    readonly edgeTypes: readonly EdgeType[] | null;
  };
};

const HISTORY: Kind = {
  ...{ label: 'Commit', type: 'PARENT' },
  scope: { throughHistory: true, edgeTypes: null },
};
const PACKAGES: Kind = {
  ...{ label: 'PackageVersion', type: 'DEPENDS_ON' },
  scope: { throughHistory: false, edgeTypes: ['DEPENDS_ON'] },
};

type Case = readonly [
  file: string,
  base: URL,
  read: (file: URL) => Edges,
  kind: Kind,
  nodes: number,
  edges: number,
];

const GUAC = 'dependency-dag/guacsec_guac.go-mod-graph.jsonl';
const MARQUEZ = 'dependency-dag/MarquezProject_marquez.npm-lock-graph.jsonl';
const APOLLO = 'dependency-dag/apollographql_apollo-server.npm-lock-graph.jsonl';
const UV = 'dependency-dag/astral-sh_uv.cargo-graph.jsonl';

/** Nodes and edges are those of the graph: two places of one package version in a lock file are one node. */
const CASES: readonly Case[] = [
  ['git-history/cli_cli.newest-300.commits.jsonl', FIXTURES, commitEdges, HISTORY, 304, 372],
  [GUAC, FIXTURES, goEdges, PACKAGES, 157, 885],
  [MARQUEZ, FIXTURES, npmEdges, PACKAGES, 180, 445],
  [APOLLO, FIXTURES, npmEdges, PACKAGES, 122, 402],
  [UV, FIXTURES, cargoEdges, PACKAGES, 50, 408],
  ['git-history/cli_cli.commits.jsonl', SHARED, commitEdges, HISTORY, 8156, 10_315],
  ['git-history/guacsec_guac.commits.jsonl', SHARED, commitEdges, HISTORY, 2400, 2422],
  ['git-history/sigstore_sigstore-js.commits.jsonl', SHARED, commitEdges, HISTORY, 1283, 1296],
  [
    'git-history/slsa-framework_slsa-verifier.commits.jsonl',
    SHARED,
    commitEdges,
    HISTORY,
    490,
    489,
  ],
  [GUAC, SHARED, goEdges, PACKAGES, 3080, 9688],
  [MARQUEZ, SHARED, npmEdges, PACKAGES, 1686, 4465],
  [APOLLO, SHARED, npmEdges, PACKAGES, 1152, 2537],
  [UV, SHARED, cargoEdges, PACKAGES, 753, 3160],
];

/** The nodes in one direction of a start, with the length of the shortest way to each. */
type Search = { readonly edges: Edges; readonly depths: ReadonlyMap<string, number> };

/** Depths by breadth first search over lists of neighbours. */
function search(edges: Edges, start: string, direction: Direction): Search {
  const neighbors = Map.groupBy(edges, ([from, to]) => (direction === 'UPSTREAM' ? from : to));
  const depths = new Map([[start, 0]]);
  for (const [id, depth] of depths) {
    for (const [from, to] of neighbors.get(id) ?? []) {
      const next = direction === 'UPSTREAM' ? to : from;
      if (!depths.has(next)) depths.set(next, depth + 1);
    }
  }
  const among = edges.filter(([from, to]) => depths.has(from) && depths.has(to));
  depths.delete(start);
  return { edges: among, depths };
}

/** What is asked about: ends of the graph, what has most edges, what is in a cycle, the first and one in the middle. */
function startsOf(edges: Edges, { type }: Kind): string[] {
  const ids = [...new Set(edges.flat())];
  const [out, into] = [Map.groupBy(edges, ([from]) => from), Map.groupBy(edges, ([, to]) => to)];
  const degree = (id: string): number => (out.get(id)?.length ?? 0) + (into.get(id)?.length ?? 0);
  const most = (of: readonly string[]): string[] =>
    of.toSorted((a, b) => degree(b) - degree(a)).slice(0, 1);
  const leadsTo = (from: string, to: string): boolean =>
    from === to || search(edges, from, 'UPSTREAM').depths.has(to);
  // no commit is its own ancestor
  const circular = (type === 'PARENT' ? [] : ids).find((id) =>
    (out.get(id) ?? []).some(([, next]) => leadsTo(next, id)),
  );
  return [
    ...new Set([
      ...most(ids),
      ...most(ids.filter((id) => !into.has(id))),
      ...most(ids.filter((id) => !out.has(id))),
      ...(circular === undefined ? [] : [circular]),
      ...[0, 0.5].map((at) => ids[Math.floor(at * (ids.length - 1))]!),
    ]),
  ];
}

/** The farthest of what is reached and one that is not, then the nearest and one in the middle. */
function goalsOf(ids: ReadonlySet<string>, start: string, { depths }: Search): string[] {
  const reached = [...depths.keys()];
  const other = [...ids].find((id) => id !== start && !depths.has(id));
  const goals = [reached.at(-1), other, reached.at(0), reached[reached.length >> 1]];
  return [...new Set(goals)].filter((id) => id !== undefined);
}

describe('lineage of real graphs', () => {
  let seed: Seed;
  let reader: Reader;
  beforeAll(async () => {
    seed = await createSeed();
    reader = createReader(seed.graph, loadStatements());
  });
  afterAll(async () => seed.close());

  for (const [index, [file, base, read, kind, nodes, edgeCount]] of CASES.entries()) {
    const whole = base === SHARED ? 'all' : 'a part';
    const title = `equals a plain search over ${whole} of ${file} (${nodes} nodes, ${edgeCount} edges): lineage, paths, totals`;
    const source = new URL(file, base);

    if (base === SHARED && !existsSync(source)) {
      it.skip(`${title} - skipped: the data set is not beside this clone`, () => undefined);
      continue;
    }

    it(
      title,
      async () => {
        const edges = read(source);
        const ids = new Set(edges.flat());
        expect([ids.size, edges.length]).toEqual([nodes, edgeCount]);
        const ref = (id: string) => seed.ref(kind.label, `-${index}-${id}`);
        await seed.edges(edges.map(([from, to]) => [ref(from), kind.type, ref(to)] as const));

        for (const start of startsOf(edges, kind)) {
          const root = await entityOf(ref(start));
          for (const direction of ['UPSTREAM', 'DOWNSTREAM'] as const) {
            const expected = search(edges, start, direction);
            const scope = { ...kind.scope, direction };
            await expectLineage(root, scope, expected, ref);
            await expectTotals(root, scope, expected);
            for (const [at, goal] of goalsOf(ids, start, expected).entries()) {
              const end = await entityOf(ref(goal));
              const length = expected.depths.get(goal) ?? null;
              await expectPaths(root, end, { ...scope, k: 1 }, length);
              if (at < 2) await expectPaths(root, end, { ...scope, k: 3 }, length);
            }
          }
        }
      },
      300_000,
    );
  }

  type Scope = Kind['scope'] & { readonly direction: Direction };

  async function entityOf(ref: NodeRef): Promise<EntityRecord> {
    const [found] = (await reader.byRefs([ref])).values();
    return found!;
  }

  async function expectLineage(
    root: EntityRecord,
    scope: Scope,
    { depths, edges }: Search,
    ref: (id: string) => NodeRef,
  ): Promise<void> {
    const found = await reader.lineage(root, {
      ...{ ...scope, maxDepth: null, limit: 100_000 },
      want: { properties: false, edges: true, claims: false },
    });
    expect(await found.truncatedBy()).toBeNull();
    expect(Object.fromEntries(found.nodes.map(({ node, depth }) => [refId(node), depth]))).toEqual(
      Object.fromEntries([...depths].map(([id, depth]) => [refId(ref(id)), depth])),
    );
    expect(found.nodes).toHaveLength(depths.size);
    const ends = (from: NodeRef, to: NodeRef): string => `${refId(from)} ${refId(to)}`;
    expect((await found.edges()).map(({ from, to }) => ends(from, to)).sort()).toEqual(
      edges.map(([from, to]) => ends(ref(from), ref(to))).sort(),
    );
  }

  async function expectTotals(root: EntityRecord, scope: Scope, { depths }: Search): Promise<void> {
    const counts = await reader.lineageCounts(root, { ...scope, maxDepth: null });
    const expected = Map.groupBy(depths.values(), (depth) => depth);
    expect(Object.fromEntries(counts.map(({ depth, count }) => [depth, count]))).toEqual(
      Object.fromEntries([...expected].map(([depth, all]) => [depth, all.length])),
    );
  }

  /** One way is found by the database, several in memory: both are asked for. `length` null = there is none. */
  async function expectPaths(
    from: EntityRecord,
    to: EntityRecord,
    request: Scope & { readonly k: number },
    length: number | null,
  ): Promise<void> {
    const { paths, direction, exact } = await reader.paths(from, to, { ...request, claims: false });
    expect(exact).toBe(true);
    expect(paths[0]?.edges.length ?? null).toBe(length);
    expect(direction).toBe(length === null ? null : request.direction);
    for (const { nodes, edges } of paths) {
      const ids = nodes.map(({ internal }) => internal);
      expect([ids.at(0), ids.at(-1)]).toEqual([from.internal, to.internal]);
      const hops = ids.slice(1).map((id, at) => [ids[at], id]);
      expect(edges.map((edge) => [edge.from.internal, edge.to.internal])).toEqual(
        request.direction === 'UPSTREAM' ? hops : hops.map((hop) => hop.toReversed()),
      );
    }
  }
});
