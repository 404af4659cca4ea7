import { TRUST_LEVELS, type EdgeType } from '../model/edge.ts';
import { int, type Graph } from './driver.ts';
import type { Way } from './lineage-scope.ts';
import type { LineageNodeRecord } from './lineage-walk.ts';
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

/** One direction of an answer. */
export type Side = {
  readonly way: Way;
  /** Everything that was reached this way, by internal number, the root among it. */
  readonly found: ReadonlyMap<number, LineageNodeRecord>;
  readonly contextual: readonly number[];
};

export type EdgesRequest = {
  /** The nodes whose edges are read, by internal number: those that go on from them this way. */
  readonly ids: readonly number[];
  /** True where what they lead to is most likely not in the answer. */
  readonly cut: boolean;
  readonly claims: boolean;
};

/** Nodes whose edges are read by one statement. */
const PORTION = 20_000;

/**
 * The edges from these nodes to others of the answer, one for each (from, type, to), however many claims it rests on. Each edge of
 * an answer belongs to one node this way, so that the pages of an answer together have each edge once.
 */
export async function readLineageEdges(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  sides: readonly Side[],
  { ids, cut, claims }: EdgesRequest,
): Promise<LineageEdgeRecord[]> {
  const edges = createEdges();
  const rowsOf = async (
    portion: readonly unknown[],
    { kind, parameters }: Way,
    found: Side['found'],
    beside: readonly number[],
  ) =>
    Promise.all([
      graph.read(statements.get(`${kind}-edges`), {
        ...parameters,
        ids: portion,
        among: cut ? [...found.keys()].map(int) : null,
        claims,
      }),
      beside.length === 0
        ? []
        : graph.read(statements.get('lineage/context-edges'), {
            ...parameters,
            ids: portion,
            among: beside.map(int),
            claims,
          }),
    ]);
  for (const { way, found, contextual } of sides) {
    const own = sides.length === 1 ? ids : ids.filter((id) => found.has(id));
    const beside = contextual.filter((id) => found.has(id));
    const portions = Array.from({ length: Math.ceil(own.length / PORTION) }, (_, at) =>
      own.slice(at * PORTION, (at + 1) * PORTION).map(int),
    );
    // the database reads the portions beside each other; they are told in their order
    const answers = await Promise.all(
      portions.map((portion) => rowsOf(portion, way, found, beside)),
    );
    for (const rows of answers.flat()) {
      for (const cells of cellsOf<EdgeCells>(rows)) edges.add(found, cells);
    }
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

function createEdges() {
  const edges: Edge[] = [];
  /** From → to and type → edge. */
  const known = new Map<number, Map<string, Edge>>();

  return {
    add(nodes: ReadonlyMap<number, LineageNodeRecord>, cells: EdgeCells): void {
      const [fromId, toId, type, rank] = cells;
      const from = nodes.get(fromId)?.node;
      const to = nodes.get(toId)?.node;
      if (from === undefined || to === undefined) return;
      const claim = claimOfCells(cells);
      let ends = known.get(fromId);
      if (ends === undefined) known.set(fromId, (ends = new Map<string, Edge>()));
      const id = `${toId} ${type}`;
      const edge = ends.get(id);
      if (edge === undefined) {
        const first = {
          ...{ from, to, type },
          trust: trustOf(rank),
          claims: claim === null ? [] : [claim],
        };
        ends.set(id, first);
        edges.push(first);
        return;
      }
      if (rank > TRUST_LEVELS.indexOf(edge.trust)) edge.trust = trustOf(rank);
      // an edge may be met twice: both ways, or beside and along the way
      if (claim !== null && !edge.claims.some((one) => one.claim === claim.claim)) {
        edge.claims.push(claim);
      }
    },
    finish(): LineageEdgeRecord[] {
      for (const { claims } of edges) if (claims.length > 1) claims.sort(bestFirst);
      return edges;
    },
  };
}
