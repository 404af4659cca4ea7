import type { EdgeType, Trust } from '../model/edge.ts';
import type { NodeLabel } from '../model/node.ts';
import { int, type Graph } from './driver.ts';
import { boundFor, MAX_DEPTH } from './lineage-bounds.ts';
import { CONTEXT_LABELS, waysOf, type LineageScope } from './lineage-scope.ts';
import { createLineageReader, type LineageWant } from './lineage.ts';
import { trustOf, type EdgeCells, type EntityRecord, type NodeCells } from './records.ts';
import type { Statements } from './statement.ts';

/** Told of a lineage as it is read. */
export type LineageSink<T> = {
  node(label: NodeLabel, key: string, depth: number): T;
  /** Ends are what `node` returned for them. */
  edge(from: T, type: EdgeType, to: T, trust: Trust): void;
};

export type StreamOptions = {
  readonly root: EntityRecord;
  readonly scope: LineageScope;
  /** Most nodes. */
  readonly limit: number;
};

export type StreamEnd = {
  readonly nodes: number;
  readonly edges: number;
  readonly truncated: boolean;
};

/** Nodes whose edges are read by one statement. */
const PORTION = 20_000;
/** A lineage of a million takes long to send, and longer to a slow reader. */
const TIMEOUT_MS = 600_000;
const WANT: LineageWant = { properties: false, edges: true, claims: false };

/**
 * Reads a lineage without holding more of it than one name for each node: all nodes, nearest first, then all edges. Yields
 * whenever a batch has been told.
 */
export async function* streamLineage<T>(
  graph: Pick<Graph, 'read' | 'stream'>,
  statements: Statements,
  { root, scope, limit }: StreamOptions,
  sink: LineageSink<T>,
): AsyncGenerator<null, StreamEnd, undefined> {
  const [way, ...others] = waysOf(scope);
  if (way === undefined || others.length > 0 || CONTEXT_LABELS.has(root.label)) {
    return yield* streamClosure();
  }
  const names = new Map<number, T>();
  names.set(root.internal, sink.node(root.label, root.key, 0));
  const maxDepth = scope.maxDepth ?? MAX_DEPTH;
  let truncated = false;
  const deepest: number[] = [];
  const nodeRows = graph.stream(
    statements.get(`${way.kind}-${boundFor(maxDepth)}`),
    {
      ...way.parameters,
      roots: [int(root.internal)],
      limit: int(limit + 2),
      full: false,
      maxDepth: int(maxDepth),
    },
    { timeoutMs: TIMEOUT_MS },
  );
  for await (const row of nodeRows) {
    for (const [id, label, key, depth] of row.get('rows') as NodeCells[]) {
      if (names.has(id)) continue;
      if (depth === maxDepth) deepest.push(id);
      if (names.size > limit) truncated = true;
      else names.set(id, sink.node(label, key, depth));
    }
    yield null;
  }
  let edges = 0;
  const ids = [...names.keys()];
  const own = scope.direction === 'UPSTREAM' ? 0 : 1;
  const portions = Array.from(
    { length: Math.ceil(ids.length / PORTION) },
    (_, at) => () =>
      graph.stream(
        statements.get(`${way.kind}-edges`),
        {
          ...way.parameters,
          ids: ids.slice(at * PORTION, (at + 1) * PORTION).map(int),
          among: truncated ? ids.map(int) : null,
          claims: false,
        },
        { timeoutMs: TIMEOUT_MS },
      ),
  );
  let group: EdgeCells[] = [];
  for await (const row of oneAhead(portions)) {
    for (const cells of row.get('rows') as EdgeCells[]) {
      // the claims of a node's edges come one behind the other
      if (group[0] !== undefined && group[0][own] !== cells[own]) {
        edges += tell(group);
        group = [];
      }
      group.push(cells);
    }
    yield null;
  }
  edges += tell(group);
  truncated ||= deepest.length > 0 && (await goesOn());
  return { nodes: names.size - 1, edges, truncated };

  /** One edge for each (from, type, to), with the best trust of its claims. */
  function tell(group: readonly EdgeCells[]): number {
    const best = group.length < 2 ? group : bestOf(group);
    let count = 0;
    for (const [from, to, type, rank] of best) {
      const [a, b] = [names.get(from), names.get(to)];
      if (a === undefined || b === undefined) continue;
      sink.edge(a, type, b, trustOf(rank));
      count += 1;
    }
    return count;
  }

  async function goesOn(): Promise<boolean> {
    if (way === undefined) return false;
    const parameters = {
      ...way.parameters,
      ids: deepest.map(int),
      seen: [...names.keys()].map(int),
    };
    return (await graph.read(statements.get(`${way.kind}-beyond`), parameters)).length > 0;
  }

  /** Questions that one statement does not answer are answered in memory, and told in parts. */
  async function* streamClosure(): AsyncGenerator<null, StreamEnd, undefined> {
    const reader = createLineageReader(graph, statements);
    const closure = await reader.closure(root, scope);
    const all = closure.nodes.slice(0, limit);
    const told = new Map<number, T>();
    told.set(root.internal, sink.node(root.label, root.key, 0));
    for (const { node, depth } of all) {
      told.set(node.internal, sink.node(node.label, node.key, depth));
      if (told.size % PORTION === 0) yield null;
    }
    let edgeCount = 0;
    for (let start = 0; start === 0 || start < all.length; start += PORTION) {
      const end = Math.min(start + PORTION, limit);
      const part = await reader.lineagePart(closure, { start, end }, WANT);
      for (const { from, type, to, trust } of part.edges) {
        const [a, b] = [told.get(from.internal), told.get(to.internal)];
        if (a === undefined || b === undefined) continue;
        sink.edge(a, type, b, trust);
        edgeCount += 1;
      }
      yield null;
    }
    const truncatedNow = closure.truncatedBy !== null || closure.nodes.length > limit;
    return { nodes: all.length, edges: edgeCount, truncated: truncatedNow };
  }
}

/** The streams one behind the other; the database begins with the next one while this one is read. */
async function* oneAhead<T>(
  streams: readonly (() => AsyncGenerator<T, void, undefined>)[],
): AsyncGenerator<T, void, undefined> {
  const begin = (at: number) => {
    const stream = streams[at]?.();
    if (stream === undefined) return null;
    const first = stream.next();
    first.catch(() => undefined); // told when its turn comes
    return { stream, first };
  };
  let current = begin(0);
  let next: typeof current = null;
  try {
    for (let at = 1; current !== null; at += 1) {
      next = begin(at);
      let row = await current.first;
      for (; row.done !== true; row = await current.stream.next()) yield row.value;
      current = next;
    }
  } finally {
    await Promise.allSettled([current?.stream.return(), next?.stream.return()]);
  }
}

function bestOf(group: readonly EdgeCells[]): Iterable<EdgeCells> {
  const best = new Map<string, EdgeCells>();
  for (const cells of group) {
    const id = `${cells[0]} ${cells[1]} ${cells[2]}`;
    const known = best.get(id);
    if (known === undefined || known[3] < cells[3]) best.set(id, cells);
  }
  return best.values();
}
