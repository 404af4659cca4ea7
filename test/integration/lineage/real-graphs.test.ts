import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReader, type Reader } from '../../../src/graph/reader.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import type { EdgeType } from '../../../src/model/edge.ts';
import { refId, type NodeLabel } from '../../../src/model/node.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';

const SHARED = new URL('../../../../shared/data/', import.meta.url);
const FIXTURES = new URL('../../fixtures/', import.meta.url);
const COMMITS = 'git-history/cli_cli.commits.jsonl';
const MODULES = 'dependency-dag/guacsec_guac.go-mod-graph.jsonl';

type Edges = readonly (readonly [from: string, to: string])[];
type Module = { readonly module: string; readonly version: string | null };

function rowsOf<T>(file: URL): T[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

function commitEdges(file: URL): Edges {
  return rowsOf<{ sha: string; parents: string[] }>(file).flatMap(({ sha, parents }) =>
    parents.map((parent) => [sha, parent] as const),
  );
}

function moduleEdges(file: URL): Edges {
  const name = ({ module, version }: Module): string =>
    `pkg:golang/${module}${version === null ? '' : `@${version}`}`;
  const edges = rowsOf<{ from: Module; to: Module }>(file).map(
    ({ from, to }) => [name(from), name(to)] as const,
  );
  return [...new Map(edges.map((edge) => [edge.join(' '), edge])).values()];
}

/** Depths by breadth first search over lists of neighbours. */
function search(edges: Edges, start: string, direction: 'UPSTREAM' | 'DOWNSTREAM') {
  const neighbors = Map.groupBy(edges, ([from, to]) => (direction === 'UPSTREAM' ? from : to));
  const depths = new Map([[start, 0]]);
  for (const [id, depth] of depths) {
    for (const [from, to] of neighbors.get(id) ?? []) {
      const next = direction === 'UPSTREAM' ? to : from;
      if (!depths.has(next)) depths.set(next, depth + 1);
    }
  }
  depths.delete(start);
  return depths;
}

describe('lineage of real graphs', () => {
  let seed: Seed;
  let reader: Reader;
  beforeAll(async () => {
    seed = await createSeed();
    reader = createReader(seed.graph, loadStatements());
  });
  afterAll(async () => seed.close());

  async function check(
    edges: Edges,
    label: NodeLabel,
    type: EdgeType,
    scope: { throughHistory: boolean; edgeTypes: readonly EdgeType[] | null },
  ): Promise<void> {
    const prefix = `-${edges.length}-`;
    const ref = (key: string) => seed.ref(label, `${prefix}${key}`);
    await seed.edges(edges.map(([from, to]) => [ref(from), type, ref(to)] as const));
    const ids = [...new Set(edges.flat())];
    const starts = [0, 0.2, 0.5, 0.8, 1].map((at) => ids[Math.floor(at * (ids.length - 1))]!);
    for (const start of starts) {
      const [root] = (await reader.byRefs([ref(start)])).values();
      for (const direction of ['UPSTREAM', 'DOWNSTREAM'] as const) {
        const found = await reader.lineage(root!, {
          ...{ ...scope, direction, maxDepth: null, limit: 100_000 },
          want: { properties: false, edges: true, claims: false },
        });
        const expected = search(edges, start, direction);
        const depths = found.nodes.map(({ node, depth }) => [refId(node), depth] as const);
        expect(Object.fromEntries(depths)).toEqual(
          Object.fromEntries([...expected].map(([id, depth]) => [refId(ref(id)), depth])),
        );
        expect(found.truncatedBy).toBeNull();
        const within = (id: string): boolean => id === start || expected.has(id);
        const among = edges.filter(([from, to]) => within(from) && within(to));
        expect(found.edges).toHaveLength(among.length);
      }
    }
  }

  it('equals a search over the commits of the fixture, through history', async () => {
    const edges = commitEdges(new URL(COMMITS, FIXTURES));
    await check(edges, 'Commit', 'PARENT', { throughHistory: true, edgeTypes: null });
  });

  const shared = existsSync(new URL(COMMITS, SHARED)) ? it : it.skip;

  shared(
    'equals a search over the commits of cli/cli, through history',
    async () => {
      const edges = commitEdges(new URL(COMMITS, SHARED));
      await check(edges, 'Commit', 'PARENT', { throughHistory: true, edgeTypes: null });
    },
    180_000,
  );

  shared(
    'equals a search over the module graph of guac, which has cycles',
    async () => {
      const edges = moduleEdges(new URL(MODULES, SHARED));
      const scope = { throughHistory: false, edgeTypes: ['DEPENDS_ON'] as const };
      await check(edges, 'PackageVersion', 'DEPENDS_ON', scope);
    },
    180_000,
  );
});
