import { TRUST_LEVELS, type EdgeType } from '../model/edge.ts';
import { int, type Graph } from './driver.ts';
import {
  bestFirst,
  cellsOf,
  claimOfCells,
  trustOf,
  type ClaimRecord,
  type EdgeCells,
  type EntityRecord,
  type LineageEdgeRecord,
} from './records.ts';
import type { Statements } from './statement.ts';

type EdgesRequest = {
  /** `lineage/upstream` and so on. */
  readonly kind: string;
  /** The nodes of the answer by internal number, the root among them. */
  readonly nodes: ReadonlyMap<number, EntityRecord>;
  /** Those whose context edges belong to the answer. */
  readonly contextual: readonly number[];
  readonly claims: boolean;
};

/** The edges among the nodes of an answer: one for each (from, type, to), however many claims it rests on. */
export async function readLineageEdges(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  { kind, nodes, contextual, claims }: EdgesRequest,
): Promise<LineageEdgeRecord[]> {
  const ids = [...nodes.keys()].map(int);
  const rows = await graph.read(statements.get(`${kind}-edges`), { ids, claims });
  const edges = createEdges(nodes);
  for (const cells of cellsOf<EdgeCells>(rows)) edges.add(cells);
  if (contextual.length > 0) {
    const beside = await graph.read(statements.get('lineage/context-edges'), {
      ids: contextual.map(int),
      known: ids,
      claims,
    });
    for (const cells of cellsOf<EdgeCells>(beside)) edges.add(cells);
  }
  return edges.finish();
}

type Edge = {
  from: EntityRecord;
  to: EntityRecord;
  type: EdgeType;
  trust: LineageEdgeRecord['trust'];
  claims: ClaimRecord[];
};

function createEdges(nodes: ReadonlyMap<number, EntityRecord>) {
  const edges: Edge[] = [];
  const known = new Map<string, Edge>();

  return {
    add(cells: EdgeCells): void {
      const [fromId, toId, type, rank] = cells;
      const from = nodes.get(fromId);
      const to = nodes.get(toId);
      if (from === undefined || to === undefined) return;
      const claim = claimOfCells(cells);
      const id = `${fromId} ${toId} ${type}`;
      const edge = known.get(id);
      if (edge === undefined) {
        const first = {
          from,
          to,
          type,
          trust: trustOf(rank),
          claims: claim === null ? [] : [claim],
        };
        known.set(id, first);
        edges.push(first);
        return;
      }
      if (rank > TRUST_LEVELS.indexOf(edge.trust)) edge.trust = trustOf(rank);
      if (claim !== null) edge.claims.push(claim);
    },
    finish(): LineageEdgeRecord[] {
      for (const { claims } of edges) if (claims.length > 1) claims.sort(bestFirst);
      return edges;
    },
  };
}
