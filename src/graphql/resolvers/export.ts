import { StemmaError } from '../../errors.ts';
import { exportGraph } from '../../export/export.ts';
import type { ExportEdge, ExportGraph, ExportNode } from '../../export/graph.ts';
import { MAX_DEPTH } from '../../graph/lineage/bounds.ts';
import type { EntityRecord, LineageEdgeRecord } from '../../graph/read/records.ts';
import { ALWAYS } from '../../model/edge.ts';
import { propertiesOf } from '../../model/node.ts';
import type { QueryExportArgs, RequireFields } from '../__generated__/resolvers.ts';
import { checkRange, entityOf, toMoment } from '../arguments.ts';
import type { Context } from '../context.ts';
import { idOf } from '../ids.ts';

type Arguments = RequireFields<QueryExportArgs, 'direction' | 'k' | 'limit' | 'throughHistory'>;

/** The most nodes of one export: it is one text. */
const MAX_NODES = 100_000;
const MAX_PATHS = 100;

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function exportText(args: Arguments, context: Context): Promise<string> {
  const { to, comparedWith, limit, maxDepth } = args;
  checkRange('limit', limit, MAX_NODES);
  if (typeof maxDepth === 'number') checkRange('maxDepth', maxDepth, MAX_DEPTH);
  if (typeof to === 'string' && typeof comparedWith === 'string') {
    throw new StemmaError('BAD_USER_INPUT', "Give 'to' or 'comparedWith', not both.", {
      details: { path: 'to' },
    });
  }
  const root = await entityOf('of', args.of, context);
  if (typeof comparedWith === 'string') {
    const other = await entityOf('comparedWith', comparedWith, context);
    return exportGraph(await differenceOf(root, other, args, context), args.format);
  }
  if (typeof to === 'string') {
    checkRange('k', args.k, MAX_PATHS);
    const end = await entityOf('to', to, context);
    return exportGraph(await pathsOf(root, end, args, context), args.format);
  }
  return exportGraph(await lineageOf(root, args, context), args.format);
}

async function pathsOf(
  root: EntityRecord,
  end: EntityRecord,
  { k, direction, throughHistory, asOf }: Arguments,
  context: Context,
): Promise<ExportGraph> {
  const { paths, exact } = await context.reader.paths(root, end, {
    ...{ k, direction, throughHistory },
    at: await toMoment(asOf, context),
    claims: true,
  });
  const nodes = new Map<string, ExportNode>();
  const edges = new Map<string, ExportEdge>();
  for (const path of paths) {
    for (const [depth, node] of path.nodes.entries()) {
      const id = idOf(node);
      if (!nodes.has(id)) nodes.set(id, toNode(node, depth));
    }
    for (const edge of path.edges.map(toEdge)) {
      edges.set(`${edge.from} ${edge.type} ${edge.to}`, edge);
    }
  }
  return {
    kind: 'paths',
    root: idOf(root),
    nodes: [...nodes.values()],
    edges: [...edges.values()],
    truncated: !exact,
  };
}

async function lineageOf(
  root: EntityRecord,
  { direction, maxDepth, limit, throughHistory, asOf }: Arguments,
  context: Context,
): Promise<ExportGraph> {
  const lineage = await context.reader.lineage(root, {
    ...{ direction, limit, throughHistory },
    maxDepth: maxDepth ?? null,
    at: await toMoment(asOf, context),
    want: { properties: true, edges: true, claims: true },
  });
  return {
    kind: 'lineage',
    root: idOf(root),
    nodes: [toNode(root, 0), ...lineage.nodes.map(({ node, depth }) => toNode(node, depth))],
    edges: (await lineage.edges()).map(toEdge),
    truncated: (await lineage.truncatedBy()) !== null,
  };
}

/** Both lineages in one graph: what is in the other one only was added, what is in the first one only was removed. */
async function differenceOf(
  root: EntityRecord,
  other: EntityRecord,
  args: Arguments,
  context: Context,
): Promise<ExportGraph> {
  const [before, after] = await Promise.all([
    lineageOf(root, args, context),
    lineageOf(other, args, context),
  ]);
  const [old, fresh] = [before, after].map(({ nodes }) => new Set(nodes.map(({ id }) => id)));
  const nodes = new Map([...after.nodes, ...before.nodes].map((node) => [node.id, node]));
  const edges = new Map(
    [...after.edges, ...before.edges].map((edge) => [`${edge.from} ${edge.type} ${edge.to}`, edge]),
  );
  return {
    kind: 'diff',
    root: before.root,
    nodes: [...nodes.values()].map((node) => ({
      ...node,
      change:
        old?.has(node.id) !== true ? 'ADDED' : fresh?.has(node.id) === true ? null : 'REMOVED',
    })),
    edges: [...edges.values()],
    truncated: before.truncated || after.truncated,
  };
}

export function toNode(entity: EntityRecord, depth: number | null): ExportNode {
  const { label, key, name, message } = entity;
  const said = label === 'Commit' ? message : name;
  return {
    id: idOf(entity),
    label,
    key,
    name: typeof said === 'string' ? (said.split('\n', 1)[0] ?? null) : null,
    depth,
    change: null,
    properties: Object.fromEntries(
      propertiesOf(label).map((property) => [property, entity[property] ?? null]),
    ),
  };
}

export function toEdge({ from, to, type, trust, claims }: LineageEdgeRecord): ExportEdge {
  const since = Math.min(...claims.map(({ validFrom }) => validFrom));
  return {
    from: idOf(from),
    to: idOf(to),
    type,
    trust,
    validFrom: claims.length === 0 || since === ALWAYS ? null : since,
  };
}
