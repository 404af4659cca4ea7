import type { EdgeType, Trust } from '../../model/edge.ts';
import type { NodeLabel } from '../../model/node.ts';
import type { Graph } from '../driver.ts';
import { bestTrust } from './edges.ts';
import type { LineageScope } from './scope.ts';
import { readSingle, singleTraversal } from './single.ts';
import { movedTags } from './tags.ts';
import { createLineageReader, type LineageWant } from './lineage.ts';
import type { EntityRecord } from '../read/records.ts';
import type { Statements } from '../statement.ts';

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
  const traversal = singleTraversal(root, scope);
  if (traversal === null || (await movedTags(graph, statements, traversal, [root])) !== null) {
    return yield* streamClosure(new Map());
  }
  const names = new Map<number, T>([[root.internal, sink.node(root.label, root.key, 0)]]);
  let edges = 0;
  let truncated = false;
  const parts = readSingle(graph, statements, root, traversal, {
    ...{ maxDepth: scope.maxDepth, limit, timeoutMs: TIMEOUT_MS },
    ...{ full: WANT.properties, edges: WANT.edges, claims: WANT.claims },
  });
  for await (const part of parts) {
    if ('nodes' in part) {
      const tags = part.nodes.flatMap(([internal, label]) =>
        label === 'Resource' ? [{ label, internal }] : [],
      );
      if ((await movedTags(graph, statements, traversal, tags)) !== null) {
        // what was told is nearer than any tag that moved, so that nothing of it was reached through one
        await parts.return();
        return yield* streamClosure(names);
      }
      for (const [id, label, key, depth] of part.nodes) names.set(id, sink.node(label, key, depth));
    } else if ('edges' in part) {
      for (const claims of part.edges) {
        const [fromId, toId, type] = claims[0];
        const [from, to] = [names.get(fromId), names.get(toId)];
        if (from === undefined || to === undefined) continue;
        sink.edge(from, type, to, bestTrust(claims));
        edges += 1;
      }
    } else {
      truncated = part.truncatedBy !== null;
    }
    yield null;
  }
  return { nodes: names.size - 1, edges, truncated };

  /**
   * Questions that one statement does not answer are answered in memory, and told in parts.
   *
   * @param told nodes that have been told already, the root among them; empty: none
   */
  async function* streamClosure(told: Map<number, T>): AsyncGenerator<null, StreamEnd, undefined> {
    const reader = createLineageReader(graph, statements);
    const closure = await reader.closure(root, scope);
    if (told.size === 0) told.set(root.internal, sink.node(root.label, root.key, 0));
    const first = closure.nodes.filter(({ node }) => told.has(node.internal));
    const rest = closure.nodes.filter(({ node }) => !told.has(node.internal));
    const all = [...first, ...rest].slice(0, limit);
    for (const { node, depth } of all.slice(first.length)) {
      told.set(node.internal, sink.node(node.label, node.key, depth));
      if (told.size % PORTION === 0) yield null;
    }
    let edgeCount = 0;
    for (let start = 0; start === 0 || start < all.length; start += PORTION) {
      const end = Math.min(start + PORTION, limit);
      const part = await reader.lineagePart({ ...closure, nodes: all }, { start, end }, WANT);
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
