import type { NodeLabel } from '../model/node.ts';
import { int, type Graph } from './driver.ts';
import { boundFor, MAX_DEPTH } from './lineage-bounds.ts';
import { readLineageEdges } from './lineage-edges.ts';
import {
  cellsOf,
  entityOfCells,
  type EntityRecord,
  type LineageEdgeRecord,
  type NodeCells,
} from './records.ts';
import type { Statements } from './statement.ts';

export type LineageRequest = {
  readonly direction: 'UPSTREAM' | 'DOWNSTREAM';
  /** Null = no bound. */
  readonly maxDepth: number | null;
  readonly limit: number;
  readonly throughHistory: boolean;
  /** What the caller will look at: the rest is not fetched. */
  readonly want: {
    readonly properties: boolean;
    readonly edges: boolean;
    readonly claims: boolean;
  };
};

export type LineageResult = {
  readonly root: EntityRecord;
  /** Nearest first; never the root. */
  readonly nodes: readonly LineageNodeRecord[];
  readonly edges: readonly LineageEdgeRecord[];
  readonly truncatedBy: 'LIMIT' | 'DEPTH' | null;
};

export type LineageNodeRecord = { readonly node: EntityRecord; readonly depth: number };

export interface LineageReader {
  /** Everything that is reachable over edges that hold now (design sections 4 and 6). */
  lineage(root: EntityRecord, request: LineageRequest): Promise<LineageResult>;
}

/** Labels that lineage never walks through: a question that starts at one takes its context edges as the first step. */
const CONTEXT_LABELS: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Builder',
  'Repository',
  'Package',
  'Vulnerability',
  'Environment',
  'Service',
  'Identity',
  'Attestation',
  'Document',
  'Workflow',
  'Step',
  'Agent',
]);

/** Up to so many nodes walk on by one statement, each for itself; more go step by step, so that no way is walked twice. */
const MAX_ROOTS = 8;
/** The roots of one step are sent in portions of this size. */
const PORTION = 20_000;

export function createLineageReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): LineageReader {
  return {
    async lineage(root, request) {
      const { limit, want } = request;
      const kind = `lineage/${request.direction.toLowerCase()}${request.throughHistory ? '-history' : ''}`;
      const walk = createWalk(graph, statements, kind, root, request);
      const truncatedBy = await walk.run();
      const nodes = [...walk.found.values()].slice(1, limit + 1); // the first is the root
      const kept = new Map(
        [root, ...nodes.map(({ node }) => node)].map((node) => [node.internal, node]),
      );
      const edges = want.edges
        ? await readLineageEdges(graph, statements, {
            ...{ kind, nodes: kept, claims: want.claims },
            contextual: walk.contextual.filter((id) => kept.has(id)),
          })
        : [];
      return { root, nodes, edges, truncatedBy };
    },
  };
}

/** One walk from `root`: breadth first, so that what was found first is nearest. */
function createWalk(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  kind: string,
  root: EntityRecord,
  { limit, want, ...request }: LineageRequest,
) {
  const maxDepth = request.maxDepth ?? MAX_DEPTH;
  /** The root, and at most one node more than asked for: it tells that there are more. */
  const found = new Map<number, LineageNodeRecord>([[root.internal, { node: root, depth: 0 }]]);
  /** Nodes whose context edges belong to the answer. */
  const contextual: number[] = [];

  return {
    found,
    contextual,
    async run(): Promise<LineageResult['truncatedBy']> {
      let frontier = [root.internal];
      let context = CONTEXT_LABELS.has(root.label) ? [root.internal] : [];
      for (let depth = 0; frontier.length > 0; depth += 1) {
        if (depth === maxDepth) return goesOn(frontier, context, depth);
        if (context.length === 0 && frontier.length <= MAX_ROOTS) return walkOn(frontier, depth);
        contextual.push(...context);
        const next = [
          ...add(await contextRows(context, depth), depth),
          ...add(await rowsOf(`${kind}-1`, frontier, {}), depth),
        ];
        if (isFull()) return 'LIMIT';
        frontier = next.map(({ node }) => node.internal);
        context = next.filter(hasSecondStep).map(({ node }) => node.internal);
      }
      return null;
    },
  };

  /** All that is left, by one statement, which finds the nearest first for each of the few nodes that it starts from. */
  async function walkOn(
    ids: readonly number[],
    depth: number,
  ): Promise<LineageResult['truncatedBy']> {
    const left = maxDepth - depth;
    const rows = await rowsOf(`${kind}-${boundFor(left)}`, ids, { maxDepth: int(left) });
    const reached = add(
      rows.sort((a, b) => a[3] - b[3]),
      depth,
    );
    if (isFull()) return 'LIMIT';
    const deepest = reached.filter((one) => one.depth === maxDepth);
    return goesOn(
      deepest.map(({ node }) => node.internal),
      [],
      maxDepth,
    );
  }

  /** Whether there is anything deeper than was asked for. */
  async function goesOn(
    ids: readonly number[],
    context: readonly number[],
    depth: number,
  ): Promise<'DEPTH' | null> {
    if (ids.length === 0) return null;
    const known = [...found.keys()].map(int);
    const beyond = await graph.read(statements.get(`${kind}-beyond`), { ids: ids.map(int), known });
    if (beyond.length > 0) return 'DEPTH';
    const rows = await contextRows(context, depth);
    return rows.some(([id]) => !found.has(id)) ? 'DEPTH' : null;
  }

  /** Signer → attestation → artifact, and advisory → its other names → what they affect, are two steps. */
  function hasSecondStep({ node }: LineageNodeRecord): boolean {
    return (
      (root.label === 'Identity' && node.label === 'Attestation') ||
      (root.label === 'Vulnerability' && node.label === 'Vulnerability')
    );
  }

  async function contextRows(ids: readonly number[], depth: number): Promise<NodeCells[]> {
    const attested = root.label === 'Identity' && depth > 0;
    return rowsOf(attested ? 'lineage/attested' : 'lineage/context', ids, {});
  }

  async function rowsOf(
    name: string,
    ids: readonly number[],
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<NodeCells[]> {
    const rows: NodeCells[] = [];
    for (let at = 0; at < ids.length; at += PORTION) {
      const records = await graph.read(statements.get(name), {
        roots: ids.slice(at, at + PORTION).map(int),
        // one more tells that there are more, and another one, because the walk may come back to its root
        limit: int(limit + 2),
        full: want.properties,
        ...parameters,
      });
      for (const cells of cellsOf<NodeCells>(records)) rows.push(cells);
    }
    return rows;
  }

  /** Keeps what is new; rows count their depth from `above`. */
  function add(rows: readonly NodeCells[], above: number): LineageNodeRecord[] {
    const fresh: LineageNodeRecord[] = [];
    for (const cells of rows) {
      if (isFull()) break;
      if (found.has(cells[0])) continue;
      const one = { node: entityOfCells(cells), depth: above + cells[3] };
      found.set(cells[0], one);
      fresh.push(one);
    }
    return fresh;
  }

  function isFull(): boolean {
    return found.size > limit + 1;
  }
}
