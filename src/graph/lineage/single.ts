import { int, type Graph } from '../driver.ts';
import { MAX_DEPTH } from './bounds.ts';
import { firstStepOf, traversalsOf, type LineageScope, type Traversal } from './scope.ts';
import { groupByEdge, type EdgeGroup } from './edges.ts';
import { walkStatement, type TruncatedBy } from './walk.ts';
import type { EdgeTuple, EntityRecord, NodeTuple } from '../read/records.ts';
import type { Statements } from '../statement.ts';

/**
 * What has arrived of a lineage: first all nodes but the root, nearest first, then all edges, and in the end why there is more. An
 * edge may lead to a node that is not in the answer.
 */
export type LineagePart =
  | { readonly nodes: readonly NodeTuple[] }
  | { readonly edges: readonly EdgeGroup[] }
  | { readonly truncatedBy: TruncatedBy | null };

export type SingleOptions = {
  /** Null = no bound. */
  readonly maxDepth: number | null;
  /** Most nodes, the root not counted. */
  readonly limit: number;
  /** With the properties of the nodes. */
  readonly full: boolean;
  readonly edges: boolean;
  readonly claims: boolean;
  readonly timeoutMs?: number;
};

/** Nodes whose edges are read by one statement. */
const PORTION = 20_000;

/** Among so many nodes edges are told apart by the database; among more, whoever is told of them leaves out what it does not know. */
const MOST_AMONG = 20_000;

/** The traversal of a question that one walk answers, as most are; null for those that take several. */
export function singleTraversal(root: EntityRecord, scope: LineageScope): Traversal | null {
  const [traversal, ...others] = traversalsOf(scope);
  const several = others.length > 0 || firstStepOf(root) !== null || scope.maxDepth === 1;
  return several ? null : (traversal ?? null);
}

/** Reads such a lineage while the database still looks for the rest of it. */
export async function* readSingle(
  graph: Pick<Graph, 'read' | 'stream'>,
  statements: Statements,
  root: EntityRecord,
  traversal: Traversal,
  { limit, full, edges, claims, ...options }: SingleOptions,
): AsyncGenerator<LineagePart, void, undefined> {
  const maxDepth = options.maxDepth ?? MAX_DEPTH;
  const timeLimit = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
  const ids = [root.internal];
  const deepest: number[] = [];
  let isCut = false;
  const group = createGroups(traversal);
  const walk = graph.stream(
    walkStatement(statements, traversal, maxDepth),
    {
      ...traversal.parameters,
      roots: [int(root.internal)],
      // one more tells that there are more, and another one, because the walk may come back to its root
      limit: int(limit + 2),
      maxDepth: int(maxDepth),
      ...{ full, edges, claims },
    },
    timeLimit,
  );
  for await (const row of walk) {
    if (row.get('part') === 'edges') {
      yield { edges: group(row.get('rows') as EdgeTuple[]) };
      continue;
    }
    const rows = row.get('rows') as NodeTuple[];
    const nodes = rows.slice(0, limit + 1 - ids.length);
    isCut ||= nodes.length < rows.length;
    for (const [id, , , depth] of nodes) {
      ids.push(id);
      if (depth === maxDepth) deepest.push(id);
    }
    yield { nodes };
  }
  yield { edges: group([]) };
  // what the walk has not told: the edges of the deepest, or all where it was cut, because many of them lead out of the answer
  const more = isCut || deepest.length === 0 ? null : goesOn();
  more?.catch(() => undefined); // told below
  const left = isCut ? ids : deepest;
  const among = ids.length > MOST_AMONG ? null : ids.map(int);
  for (let at = 0; edges && at < left.length; at += PORTION) {
    const portion = graph.stream(
      statements.get('lineage/edges', traversal.direction, traversal.follow),
      {
        ...traversal.parameters,
        ids: left.slice(at, at + PORTION).map(int),
        among,
        claims,
      },
      timeLimit,
    );
    for await (const row of portion) yield { edges: group(row.get('rows') as EdgeTuple[]) };
    yield { edges: group([]) };
  }
  yield { truncatedBy: isCut ? 'LIMIT' : await more };

  async function goesOn(): Promise<'DEPTH' | null> {
    const beyond = await graph.read(
      statements.get('lineage/beyond', traversal.direction, traversal.follow),
      { ...traversal.parameters, ids: deepest.map(int), seen: ids.map(int) },
      timeLimit,
    );
    return beyond.length > 0 ? 'DEPTH' : null;
  }
}

/**
 * Puts the claims of one edge together. The edges of one node come one behind the other, so that a node whose edges may go on in
 * the next rows is kept back; no rows at all end it.
 */
function createGroups({ direction }: Traversal): (rows: readonly EdgeTuple[]) => EdgeGroup[] {
  const near = direction === 'UPSTREAM' ? 0 : 1;
  let kept: EdgeTuple[] = [];
  return (rows) => {
    const groups: EdgeGroup[] = [];
    const finish = () => {
      for (const group of groupByEdge(kept)) groups.push(group);
      kept = [];
    };
    for (const tuple of rows) {
      if (kept[0] !== undefined && kept[0][near] !== tuple[near]) finish();
      kept.push(tuple);
    }
    if (rows.length === 0) finish();
    return groups;
  };
}
