import { int, type Graph, type Parameters } from '../driver.ts';
import { boundFor, MAX_DEPTH } from './bounds.ts';
import { firstStepOf, type Traversal } from './scope.ts';
import { tuplesOf, entityOfTuple, type EntityRecord, type NodeTuple } from '../read/records.ts';
import type { Statement, Statements } from '../statement.ts';

export type LineageNodeRecord = { readonly node: EntityRecord; readonly depth: number };
export type TruncatedBy = 'LIMIT' | 'DEPTH';

/** What one walk found. */
export type Walk = {
  readonly traversal: Traversal;
  /** By internal number: the root first, then the nearest first; at most one more than the limit. */
  readonly found: ReadonlyMap<number, LineageNodeRecord>;
  /** Nodes whose context edges belong to the answer. */
  readonly contextual: readonly number[];
  /** See Side. */
  readonly closed?: ReadonlySet<string>;
  /** Why there may be more than was found; null where there is none. */
  readonly endedBy: TruncatedBy | null;
  /** Why there is more. Asks the database, and only where the walk ended at its depth. */
  truncatedBy(): Promise<TruncatedBy | null>;
};

export type WalkOptions = {
  readonly maxDepth: number | null;
  /** Most nodes, the root not counted. */
  readonly limit: number;
  /** With the properties of the nodes. */
  readonly full: boolean;
};

/** Where a walk ended at its depth: its deepest nodes, those of them that have context edges, and how deep they are. */
type Deepest = {
  readonly ids: readonly number[];
  readonly context: readonly number[];
  readonly depth: number;
};

/** Up to so many nodes walk on by one statement, each for itself; more go step by step, so that no way is walked twice. */
const MAX_ROOTS = 8;
/** The roots of one step are sent in portions of this size. */
const PORTION = 20_000;

/** The statement that walks so deep. */
export function walkStatement(
  statements: Statements,
  traversal: Traversal,
  maxDepth: number,
): Statement {
  const bound = boundFor(maxDepth);
  // a pattern of length 1 is planned without pruning, which would look at every edge of a hub before its limit
  return bound === 1
    ? statements.get('lineage/step', traversal.direction, traversal.follow)
    : statements.get('lineage/walk', traversal.direction, traversal.follow, bound);
}

/** Walks from `root`, breadth first, so that what is found first is nearest. */
export async function walk(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  root: EntityRecord,
  traversal: Traversal,
  { limit, full, ...options }: WalkOptions,
): Promise<Walk> {
  const maxDepth = options.maxDepth ?? MAX_DEPTH;
  const found = new Map<number, LineageNodeRecord>([[root.internal, { node: root, depth: 0 }]]);
  const contextual: number[] = [];
  const end = await run();
  return {
    ...{ traversal, found, contextual },
    endedBy: end === null || end === 'LIMIT' ? end : 'DEPTH',
    truncatedBy: async () => (end === null || end === 'LIMIT' ? end : goesOn(end)),
  };

  async function run(): Promise<Deepest | 'LIMIT' | null> {
    let frontier = [root.internal];
    let context = firstStepOf(root) !== null ? [root.internal] : [];
    for (let depth = 0; frontier.length > 0; depth += 1) {
      if (depth === maxDepth) return { ids: frontier, context, depth };
      if (context.length === 0 && frontier.length <= MAX_ROOTS) return walkOn(frontier, depth);
      for (const id of context) contextual.push(id);
      const next = [
        ...add(await contextRows(context, depth), depth),
        ...add(await rowsOf(walkStatement(statements, traversal, 1), frontier, {}), depth),
      ];
      if (isFull()) return 'LIMIT';
      frontier = next.map(({ node }) => node.internal);
      context = next.filter(hasSecondStep).map(({ node }) => node.internal);
    }
    return null;
  }

  /** All that is left, by one statement, which finds the nearest first for each of the few nodes that it starts from. */
  async function walkOn(ids: readonly number[], depth: number): Promise<Deepest | 'LIMIT' | null> {
    const left = maxDepth - depth;
    const parameters = { maxDepth: int(left), edges: false, claims: false };
    const rows = await rowsOf(walkStatement(statements, traversal, left), ids, parameters);
    if (ids.length > 1) rows.sort((a, b) => a[3] - b[3]);
    const reached = add(rows, depth);
    if (isFull()) return 'LIMIT';
    const deepest = reached.filter((one) => one.depth === maxDepth);
    if (deepest.length === 0) return null;
    return { ids: deepest.map(({ node }) => node.internal), context: [], depth: maxDepth };
  }

  /** Whether there is anything deeper than was asked for. */
  async function goesOn({ ids, context, depth }: Deepest): Promise<'DEPTH' | null> {
    const beyond = await graph.read(
      statements.get('lineage/beyond', traversal.direction, traversal.follow),
      {
        ...traversal.parameters,
        ids: ids.map(int),
        seen: [...found.keys()].map(int),
      },
    );
    if (beyond.length > 0) return 'DEPTH';
    const rows = await contextRows(context, depth);
    return rows.some(([id]) => !found.has(id)) ? 'DEPTH' : null;
  }

  /** Signer → attestation → artifact, and advisory or repository → its other names → what is theirs, are two steps. */
  function hasSecondStep({ node }: LineageNodeRecord): boolean {
    return (
      (root.label === 'Identity' && node.label === 'Attestation') ||
      (root.label === 'Vulnerability' && node.label === 'Vulnerability') ||
      (root.label === 'Repository' && node.label === 'Repository')
    );
  }

  async function contextRows(ids: readonly number[], depth: number): Promise<NodeTuple[]> {
    const rows = await rowsOf(statements.get(contextStep(depth)), ids, {});
    if (root.label !== 'Repository' || depth > 0) return rows;
    return [...rows, ...(await rowsOf(statements.get('lineage/repository-names'), ids, {}))];
  }

  function contextStep(depth: number): string {
    if (root.label === 'Identity' && depth > 0) return 'lineage/attested';
    return firstStepOf(root) === 'naming' ? 'lineage/naming' : 'lineage/context';
  }

  async function rowsOf(
    statement: Statement,
    ids: readonly number[],
    parameters: Parameters,
  ): Promise<NodeTuple[]> {
    const rows: NodeTuple[] = [];
    for (let at = 0; at < ids.length; at += PORTION) {
      const records = await graph.read(statement, {
        ...traversal.parameters,
        roots: ids.slice(at, at + PORTION).map(int),
        // one more tells that there are more, and another one, because the walk may come back to its root
        limit: int(limit + 2),
        full,
        ...parameters,
      });
      for (const tuple of tuplesOf<NodeTuple>(records)) rows.push(tuple);
    }
    return rows;
  }

  /** Keeps what is new; rows count their depth from `above`. */
  function add(rows: readonly NodeTuple[], above: number): LineageNodeRecord[] {
    const fresh: LineageNodeRecord[] = [];
    for (const tuple of rows) {
      if (isFull()) break;
      if (found.has(tuple[0])) continue;
      const one = { node: entityOfTuple(tuple), depth: above + tuple[3] };
      found.set(tuple[0], one);
      fresh.push(one);
    }
    return fresh;
  }

  function isFull(): boolean {
    return found.size > limit + 1;
  }
}
