import { countsOf, type LineageCount } from '../../model/lineage-counts.ts';
import { NAME_ONLY_LABELS, type NodeLabel } from '../../model/node.ts';
import { int, type Graph } from '../driver.ts';
import { boundFor, MAX_DEPTH } from './bounds.ts';
import { edgeOf, readLineageEdges, type Reached } from './edges.ts';
import { firstStepOf, momentOf, traversalsOf, type LineageScope, type Traversal } from './scope.ts';
import { readSingle, singleTraversal } from './single.ts';
import { movedTags, walkSettled } from './tags.ts';
import { type LineageNodeRecord, type TruncatedBy, type Walk } from './walk.ts';
import {
  tuplesOf,
  entityOfTuple,
  type EntityRecord,
  type LineageEdgeRecord,
  type NodeTuple,
} from '../read/records.ts';
import type { Statements } from '../statement.ts';

export type { LineageNodeRecord } from './walk.ts';

/** What of the nodes that are reached belongs to the answer; null or left out = any. */
export type LineageFilter = {
  readonly labels?: readonly NodeLabel[] | null;
  /** Stated, or only referred to. */
  readonly resolved?: boolean | null;
  readonly keyPrefix?: string | null;
  /** Of commits, only those in these repositories (keys). */
  readonly repositories?: readonly string[] | null;
  /** Of deployments, only those to these environments (keys, or names in any scope). */
  readonly environments?: readonly string[] | null;
};

/** What the caller will look at: the rest is not fetched. */
export type LineageWant = {
  readonly properties: boolean;
  readonly edges: boolean;
  readonly claims: boolean;
};

export type LineageRequest = LineageScope & {
  readonly limit: number;
  readonly filter?: LineageFilter;
  readonly want: LineageWant;
};

export type LineageResult = {
  readonly root: EntityRecord;
  /** Nearest first; never the root. */
  readonly nodes: readonly LineageNodeRecord[];
  /** What takes longer than the nodes, which may be looked at meanwhile. */
  edges(): Promise<readonly LineageEdgeRecord[]>;
  truncatedBy(): Promise<TruncatedBy | null>;
};

/** Part of a closure. */
export type LineagePage = {
  readonly nodes: readonly LineageNodeRecord[];
  readonly edges: readonly LineageEdgeRecord[];
};

/** Everything that a question reaches, without properties, in an order that does not depend on when it is asked. */
export type Closure = {
  readonly root: EntityRecord;
  /** By depth, then by internal number; never the root. */
  readonly nodes: readonly LineageNodeRecord[];
  readonly reached: readonly Reached[];
  readonly truncatedBy: TruncatedBy | null;
};

export interface LineageReader {
  /** Everything that is reachable over edges that held (design sections 4 and 6). */
  lineage(root: EntityRecord, request: LineageRequest): Promise<LineageResult>;
  /** The same in one piece, to be read in parts by `lineagePart`. */
  closure(root: EntityRecord, scope: LineageScope, filter?: LineageFilter): Promise<Closure>;
  /** Part of a closure; the edges of its root are in the part that starts at 0. */
  lineagePart(
    closure: Closure,
    part: { readonly start: number; readonly end: number },
    want: LineageWant,
  ): Promise<LineagePage>;
  /** How many nodes there are, by label and depth, counted by the database where one statement can. */
  lineageCounts(
    root: EntityRecord,
    scope: LineageScope,
    filter?: LineageFilter,
  ): Promise<LineageCount[]>;
}

/** The most nodes of one closure: what is beyond is cut, and the answer says so. */
export const MAX_CLOSURE = 1_000_000;
/** Nodes whose properties are read, or which are filtered, by one statement. */
const PORTION = 10_000;

export function createLineageReader(
  graph: Pick<Graph, 'read' | 'stream'>,
  statements: Statements,
): LineageReader {
  const walks = async (
    root: EntityRecord,
    scope: LineageScope,
    limit: number,
    full: boolean,
  ): Promise<Walk[]> => {
    const { maxDepth } = scope;
    return Promise.all(
      traversalsOf(scope).map(async (traversal) =>
        walkSettled(graph, statements, root, traversal, { maxDepth, limit, full }),
      ),
    );
  };

  const reader: LineageReader = {
    async lineage(root, request) {
      const { limit, want, filter } = request;
      if (isFiltering(filter)) {
        const closure = await reader.closure(root, request, filter);
        const { nodes, edges } = await reader.lineagePart(closure, { start: 0, end: limit }, want);
        const truncatedBy = closure.nodes.length > limit ? 'LIMIT' : closure.truncatedBy;
        return resultOf(root, nodes, Promise.resolve({ edges, truncatedBy }));
      }
      const traversal = singleTraversal(root, request);
      const single = traversal === null ? null : await readTraversal(root, traversal, request);
      if (single !== null) return single;
      const found = await walks(root, request, limit, want.properties);
      const all = union(found);
      const nodes = all.slice(0, limit);
      const isCut = all.length > limit;
      const kept = new Set([root.internal, ...nodes.map(({ node }) => node.internal)]);
      // both at once: whether there is more does not change which edges there are
      const [edges, more] = await Promise.all([
        want.edges
          ? readLineageEdges(graph, statements, reachedBy(found, kept), {
              ids: [...kept],
              cut: isCut || found.some(({ endedBy }) => endedBy !== null),
              claims: want.claims,
            })
          : [],
        isCut ? null : truncationOf(found),
      ]);
      const truncatedBy = isCut ? 'LIMIT' : more;
      return resultOf(root, nodes, Promise.resolve({ edges, truncatedBy }));
    },

    async closure(root, scope, filter = {}) {
      const found = await walks(root, scope, MAX_CLOSURE, false);
      const all = union(found).slice(0, MAX_CLOSURE);
      all.sort((a, b) => a.depth - b.depth || a.node.internal - b.node.internal);
      const nodes = isFiltering(filter) ? await passing(all, scope, filter) : all;
      const kept =
        nodes === all ? null : new Set([root.internal, ...nodes.map(({ node }) => node.internal)]);
      const reached = reachedBy(found, kept);
      return { root, nodes, reached, truncatedBy: await truncationOf(found) };
    },

    async lineagePart({ root, nodes: all, reached }, { start, end }, want) {
      const bare = all.slice(start, end);
      const ids = bare.map(({ node }) => node.internal);
      const nodes = want.properties ? await withProperties(bare) : bare;
      const edges = want.edges
        ? await readLineageEdges(graph, statements, reached, {
            ids: start === 0 ? [root.internal, ...ids] : ids,
            cut: false,
            claims: want.claims,
          })
        : [];
      return { nodes, edges };
    },

    async lineageCounts(root, scope, filter) {
      const [traversal, ...others] = traversalsOf(scope);
      const alone = traversal !== undefined && others.length === 0;
      if (!alone || firstStepOf(root) !== null || isFiltering(filter)) {
        return countsOf((await reader.closure(root, scope, filter)).nodes);
      }
      const maxDepth = scope.maxDepth ?? MAX_DEPTH;
      const { direction, follow, parameters } = traversal;
      const totals = statements.get('lineage/totals', direction, follow, boundFor(maxDepth));
      const rows = await graph.read(totals, {
        ...parameters,
        root: int(root.internal),
        limit: int(Number.MAX_SAFE_INTEGER),
        maxDepth: int(maxDepth),
      });
      const counts = rows.map((row) => row.toObject() as LineageCount & { tags: number[] }); // as the header of the statement says
      const tags = counts.flatMap((one) =>
        one.tags.map((internal) => ({ label: 'Resource', internal }) as const),
      );
      return (await movedTags(graph, statements, traversal, [root, ...tags])) === null
        ? counts.map(({ label, depth, count }) => ({ label, depth, count }))
        : countsOf((await reader.closure(root, scope)).nodes);
    },
  };
  return reader;

  /** Returns with the nodes, while the edges are on their way; null where it goes through a tag that moved. */
  async function readTraversal(
    root: EntityRecord,
    traversal: Traversal,
    { maxDepth, limit, want }: LineageRequest,
  ): Promise<LineageResult | null> {
    const parts = readSingle(graph, statements, root, traversal, {
      ...{ maxDepth, limit },
      ...{ full: want.properties, edges: want.edges, claims: want.claims },
    });
    const nodes: LineageNodeRecord[] = [];
    const records = new Map([[root.internal, root]]);
    let step = await parts.next();
    for (; step.done !== true && 'nodes' in step.value; step = await parts.next()) {
      for (const tuple of step.value.nodes) {
        const node = entityOfTuple(tuple);
        records.set(node.internal, node);
        nodes.push({ node, depth: tuple[3] });
      }
    }
    if ((await movedTags(graph, statements, traversal, records.values())) !== null) {
      await parts.return();
      return null;
    }
    return resultOf(root, nodes, rest());

    async function rest(): Promise<Rest> {
      const nodeOf = (id: number) => records.get(id) ?? null;
      const edges: LineageEdgeRecord[] = [];
      for (; step.done !== true; step = await parts.next()) {
        if ('truncatedBy' in step.value) return { edges, truncatedBy: step.value.truncatedBy };
        if (!('edges' in step.value)) continue;
        for (const group of step.value.edges) {
          const edge = edgeOf(nodeOf, group);
          if (edge !== null) edges.push(edge);
        }
      }
      throw new Error('a lineage that does not end'); // its last part says why it ends
    }
  }

  async function passing(
    all: readonly LineageNodeRecord[],
    scope: LineageScope,
    { labels = null, resolved = null, keyPrefix = null, ...filter }: LineageFilter,
  ): Promise<LineageNodeRecord[]> {
    const { repositories = null, environments = null } = filter;
    const wanted = labels === null ? null : new Set(labels);
    const labelled = all.filter(({ node }) => wanted?.has(node.label) ?? true);
    if ([resolved, keyPrefix, repositories, environments].every((value) => value === null)) {
      return labelled;
    }
    const passed = new Set<number>();
    for (let at = 0; at < labelled.length; at += PORTION) {
      const [row] = await graph.read(statements.get('lineage/where'), {
        ...momentOf(scope),
        ids: labelled.slice(at, at + PORTION).map(({ node }) => int(node.internal)),
        nameOnly: [...NAME_ONLY_LABELS],
        ...{ resolved, keyPrefix, repositories, environments },
      });
      for (const id of row?.get('ids') as number[]) passed.add(id); // always one row
    }
    return labelled.filter(({ node }) => passed.has(node.internal));
  }

  async function withProperties(bare: readonly LineageNodeRecord[]): Promise<LineageNodeRecord[]> {
    const full = new Map<number, EntityRecord>();
    for (let at = 0; at < bare.length; at += PORTION) {
      const ids = bare.slice(at, at + PORTION).map(({ node }) => int(node.internal));
      const rows = await graph.read(statements.get('lineage/nodes'), { ids });
      for (const tuple of tuplesOf<NodeTuple>(rows)) full.set(tuple[0], entityOfTuple(tuple));
    }
    return bare.map(({ node, depth }) => ({ node: full.get(node.internal) ?? node, depth }));
  }
}

type Rest = {
  readonly edges: readonly LineageEdgeRecord[];
  readonly truncatedBy: TruncatedBy | null;
};

function resultOf(
  root: EntityRecord,
  nodes: readonly LineageNodeRecord[],
  rest: Promise<Rest>,
): LineageResult {
  rest.catch(() => undefined); // told to whoever asks
  return {
    ...{ root, nodes },
    edges: async () => (await rest).edges,
    truncatedBy: async () => (await rest).truncatedBy,
  };
}

export function isFiltering(filter: LineageFilter | undefined): boolean {
  return Object.values(filter ?? {}).some((value) => value !== null);
}

/** Each node once, with the shorter of its ways, nearest first, without the root. */
function union(walks: readonly Walk[]): LineageNodeRecord[] {
  const [first, ...others] = walks;
  if (first === undefined) return [];
  if (others.length === 0) return [...first.found.values()].slice(1);
  const nearest = new Map(first.found);
  for (const { found } of others) {
    for (const [id, one] of found) {
      const known = nearest.get(id);
      if (known === undefined || one.depth < known.depth) nearest.set(id, one);
    }
  }
  const all = [...nearest.values()].filter(({ depth }) => depth > 0);
  return all.sort((a, b) => a.depth - b.depth);
}

async function truncationOf(walks: readonly Walk[]): Promise<TruncatedBy | null> {
  const reasons = await Promise.all(walks.map(async (one) => one.truncatedBy()));
  return reasons.includes('LIMIT') ? 'LIMIT' : (reasons.find((one) => one !== null) ?? null);
}

/** What of each walk is in the answer; null = everything. */
function reachedBy(walks: readonly Walk[], kept: ReadonlySet<number> | null): Reached[] {
  return walks.map(({ traversal, found, contextual, closed }) => ({
    ...{ traversal, contextual, ...(closed === undefined ? {} : { closed }) },
    found:
      kept === null || (walks.length === 1 && kept.size === found.size)
        ? found
        : new Map([...found].filter(([id]) => kept.has(id))),
  }));
}
