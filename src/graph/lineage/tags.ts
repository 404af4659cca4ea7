import { EDGE_KINDS, type EdgeType } from '../../model/edge.ts';
import { int, type Graph } from '../driver.ts';
import { MAX_DEPTH } from './bounds.ts';
import { edgeKey, readLineageEdges, type Reached } from './edges.ts';
import type { Traversal } from './scope.ts';
import { walk, type LineageNodeRecord, type Walk, type WalkOptions } from './walk.ts';
import type { EntityRecord, LineageEdgeRecord } from '../read/records.ts';
import type { Statements } from '../statement.ts';
import {
  walkThroughTags,
  type MovedTags,
  type Resolution,
  type TagStep,
  type TagWalk,
} from './tag-states.ts';

/** The most nodes of a walk whose tags are looked at. */
const MAX_NODES = 1_000_000;
/** Nodes that are looked at by one statement. */
const PORTION = 20_000;

/**
 * The tags among some nodes that have resolved to several things by the moment of the walk; null where there are none, as nearly
 * always. Costs nothing where no node can be a tag.
 */
export async function movedTags(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  { parameters }: Traversal,
  nodes: Iterable<Pick<EntityRecord, 'label' | 'internal'>>,
): Promise<MovedTags | null> {
  const types = parameters['types'];
  if (Array.isArray(types) && !types.includes('RESOLVED_TO')) return null;
  const ids: number[] = [];
  for (const { label, internal } of nodes) if (label === 'Resource') ids.push(internal);
  const moved = new Map<number, Resolution[]>();
  for (let at = 0; at < ids.length; at += PORTION) {
    const rows = await graph.read(statements.get('lineage/moved-tags'), {
      ...parameters,
      ids: ids.slice(at, at + PORTION).map(int),
    });
    for (const row of rows) {
      const resolutions = row.get('resolutions') as [number, number][]; // as the header of the statement says
      moved.set(
        Number(row.get('tag')),
        resolutions.map(([target, since]) => ({ target, since })),
      );
    }
  }
  return moved.size === 0 ? null : moved;
}

/** What a walk found that goes through tags that moved, with the steps that it is made of. */
export type SettledWalk = Walk & {
  readonly tags: (TagWalk & { readonly steps: readonly SettledStep[] }) | null;
};
export type SettledStep = TagStep & {
  readonly type: EdgeType;
  /** Its ends, as its arrow points. */
  readonly edge: readonly [from: number, to: number];
};

/**
 * Walks like `walk`, and through a tag that moved only to what it was for whoever used it. Usual walks meet none and cost what they
 * cost; where there is one, everything is walked, its edges are read, and it is walked again in memory.
 */
export async function walkSettled(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  root: EntityRecord,
  traversal: Traversal,
  options: WalkOptions,
): Promise<SettledWalk> {
  const plain = await walk(graph, statements, root, traversal, options);
  const nodesOf = ({ found }: Walk) => [...found.values()].map(({ node }) => node);
  if ((await movedTags(graph, statements, traversal, nodesOf(plain))) === null) {
    return { ...plain, tags: null };
  }
  const maxDepth = options.maxDepth ?? MAX_DEPTH;
  const whole = await walk(graph, statements, root, traversal, {
    ...options,
    // one step more tells whether there is more
    maxDepth: Math.min(maxDepth + 1, MAX_DEPTH),
    limit: MAX_NODES,
  });
  const moved =
    (await movedTags(graph, statements, traversal, nodesOf(whole))) ??
    new Map<number, Resolution[]>();
  const edges = await readLineageEdges(graph, statements, [whole], {
    ids: [...whole.found.keys()],
    cut: whole.endedBy !== null,
    claims: true,
  });
  const steps = stepsOf(edges, whole);
  const tags = walkThroughTags(steps, root.internal, moved, traversal.direction);
  const found = new Map<number, LineageNodeRecord>();
  let isDeeper = false;
  for (const [id, depth] of tags.depths) {
    const one = whole.found.get(id);
    if (depth > maxDepth) isDeeper = true;
    else if (one !== undefined && found.size <= options.limit + 1) {
      found.set(id, { node: one.node, depth });
    }
  }
  const closed = new Set(
    [...tags.closed].flatMap((index) => {
      const step = steps[index];
      if (step === undefined) return [];
      return [edgeKey(...step.edge, step.type)];
    }),
  );
  const isCut = found.size > options.limit + 1 || whole.endedBy === 'LIMIT';
  const end = isCut ? 'LIMIT' : isDeeper ? 'DEPTH' : null;
  return {
    ...{ traversal, found, closed },
    contextual: whole.contextual.filter((id) => found.has(id)),
    endedBy: end,
    truncatedBy: async () => Promise.resolve(end),
    tags: { ...tags, steps },
  };
}

/** The edges of a walk in its direction. A context edge leads away from where the question starts, whichever way it points. */
export function stepsOf(
  edges: readonly LineageEdgeRecord[],
  { traversal, found, contextual }: Reached,
): SettledStep[] {
  const depthOf = (id: number): number => found.get(id)?.depth ?? 0;
  return edges.map(({ from, to, type, claims }): SettledStep => {
    const edge = [from.internal, to.internal] as const;
    let [start, end] = traversal.direction === 'UPSTREAM' ? edge : edge.toReversed();
    const isContext = EDGE_KINDS[type].role === 'context';
    if (isContext && contextual.length > 0 && depthOf(end) < depthOf(start)) {
      [start, end] = [end, start];
    }
    const times = isContext ? [] : claims.map(({ validFrom }) => validFrom);
    return {
      ...{ type, edge, from: start, to: end },
      isResolution: type === 'RESOLVED_TO',
      since: times.length === 0 ? null : Math.min(...times),
    };
  });
}
