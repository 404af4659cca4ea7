import { decodeEntry } from '../../src/apply/decode.ts';
import { EDGE_KINDS } from '../../src/model/edge.ts';
import type { Envelope } from '../../src/model/event.ts';
import {
  createSubgraph,
  type GraphEdge,
  type GraphNode,
  type Subgraph,
} from '../../src/questions/subgraph.ts';
import { createFold, type FoldedEdge } from '../../src/replay/fold.ts';

/** What events say, as a graph in memory that holds all of it: each event is one entry of the log, in the order given. */
export function graphOfEvents(envelopes: readonly Envelope[], at = Date.now()): Subgraph {
  const fold = createFold();
  for (const [index, envelope] of envelopes.entries()) {
    fold.add(
      decodeEntry({
        text: JSON.stringify(envelope),
        n: index + 1,
        acceptedAt: at,
        contentHash: null,
      }),
    );
  }
  const { nodes, edges } = fold.finish();
  const standing = [...edges.values()]
    .map(asName)
    .filter((edge) => holds(edge, nodes.get(edge.from)?.properties));
  const newest = newestStatements(standing);
  const byEnds = new Map<string, GraphEdge & { claims: GraphEdge['claims'][number][] }>();
  for (const { from, type, to, properties } of standing) {
    const series = seriesOf(properties);
    if (series !== null && (newest.get(series) ?? 0) > Number(properties['validFrom'])) continue;
    const id = [from, type, to].join('\n');
    const edge = byEnds.get(id) ?? { from, type, to, claims: [] };
    byEnds.set(id, edge);
    edge.claims.push({
      claim: String(properties['claim']),
      validFrom: Number(properties['validFrom']),
      trust: 'UNVERIFIED',
      ...(properties['concerns'] === undefined
        ? {}
        : { concerns: properties['concerns'] as string[] }),
    });
  }
  return createSubgraph(
    [...nodes.values()].map(({ label, properties }): GraphNode => ({
      ...properties,
      label,
      key: String(properties['key']),
    })),
    byEnds.values(),
  );
}

/** Everything upstream, by the roles of the edges: derivations along their direction, identities both ways. */
export function upstreamOf(graph: Subgraph, root: string): Set<string> {
  const found = new Set([root]);
  for (const id of found) {
    for (const { type, to } of graph.out(id)) {
      if (['derivation', 'identity'].includes(EDGE_KINDS[type].role)) found.add(to);
    }
    for (const { type, from } of graph.into(id)) {
      if (EDGE_KINDS[type].role === 'identity') found.add(from);
    }
  }
  return found;
}

/** What claims contradict is a name that several files may have, as questions see it. */
function asName(edge: FoldedEdge): FoldedEdge {
  const { from, type, properties } = edge;
  const ends = (properties['endBy'] ?? []) as string[];
  const isContradicted = ends.length > 0 && ends.every((by) => by.startsWith('conflict:'));
  if (!isContradicted || !from.startsWith('Artifact:')) return edge;
  if (type === 'SAME_AS' && !ends.includes('conflict:end')) return edge;
  const standing = { ...properties, endValid: undefined };
  return {
    ...edge,
    type: type === 'SAME_AS' ? 'HAS_DIGEST' : 'DISTRIBUTION_OF',
    properties: standing,
  };
}

function holds({ properties }: FoldedEdge, start?: Readonly<Record<string, unknown>>): boolean {
  if (properties['validFrom'] === undefined || properties['endValid'] !== undefined) return false;
  if (properties['vex'] === true) return true;
  const ends = (start?.['endValid'] ?? []) as number[];
  return !ends.some((end) => end >= Number(properties['validFrom']));
}

/** What a source states again replaces what it said before. */
function newestStatements(edges: readonly FoldedEdge[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { type, properties } of edges) {
    const series = seriesOf(properties);
    if (type !== 'CONCERNS' || series === null) continue;
    newest.set(series, Math.max(newest.get(series) ?? 0, Number(properties['validFrom'])));
  }
  return newest;
}

function seriesOf(properties: Readonly<Record<string, unknown>>): string | null {
  const { series, stater } = properties;
  return typeof series === 'string' ? JSON.stringify([series, stater]) : null;
}
