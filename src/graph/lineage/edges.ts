import type { EdgeType, Trust } from '../../model/edge.ts';
import { int, type Graph } from '../driver.ts';
import type { Traversal } from './scope.ts';
import type { LineageNodeRecord } from './walk.ts';
import {
  bestFirst,
  tuplesOf,
  claimOfTuple,
  trustOf,
  type ClaimRecord,
  type EdgeTuple,
  type EntityRecord,
  type LineageEdgeRecord,
} from '../read/records.ts';
import type { Statements } from '../statement.ts';

/** What was reached in one direction of a scope. */
export type Reached = {
  readonly traversal: Traversal;
  /** Everything that was reached in this direction, by internal number, the root among it. */
  readonly found: ReadonlyMap<number, LineageNodeRecord>;
  readonly contextual: readonly number[];
  /** Edges (`edgeKey`) that are not part of the answer, although both ends are: of a tag, to what it was for nobody in it. */
  readonly closed?: ReadonlySet<string>;
};

export function edgeKey(from: number, to: number, type: EdgeType): string {
  return `${from} ${to} ${type}`;
}

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
  reached: readonly Reached[],
  { ids, cut, claims }: EdgesRequest,
): Promise<LineageEdgeRecord[]> {
  const all: EdgeTuple[] = [];
  const rowsOf = async (
    portion: readonly unknown[],
    { direction, follow, parameters }: Traversal,
    found: Reached['found'],
    beside: readonly number[],
  ) =>
    Promise.all([
      graph.read(statements.get('lineage/edges', direction, follow), {
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
  for (const { traversal, found, contextual, closed } of reached) {
    const own = reached.length === 1 ? ids : ids.filter((id) => found.has(id));
    const beside = contextual.filter((id) => found.has(id));
    const portions = Array.from({ length: Math.ceil(own.length / PORTION) }, (_, at) =>
      own.slice(at * PORTION, (at + 1) * PORTION).map(int),
    );
    // the database reads the portions beside each other; they are told in their order
    const answers = await Promise.all(
      portions.map((portion) => rowsOf(portion, traversal, found, beside)),
    );
    for (const rows of answers.flat()) {
      for (const tuple of tuplesOf<EdgeTuple>(rows)) {
        if (!found.has(tuple[0]) || !found.has(tuple[1])) continue;
        if (closed?.has(edgeKey(tuple[0], tuple[1], tuple[2])) !== true) all.push(tuple);
      }
    }
  }
  const nodeOf = (id: number) =>
    reached.find(({ found }) => found.has(id))?.found.get(id)?.node ?? null;
  return groupByEdge(all).flatMap((group) => edgeOf(nodeOf, group) ?? []);
}

/** One edge: a row for each of its claims. */
export type EdgeGroup = readonly [EdgeTuple, ...EdgeTuple[]];

export function groupByEdge(rows: readonly EdgeTuple[]): EdgeGroup[] {
  const [first, second] = rows;
  if (first === undefined) return [];
  if (second === undefined) return [[first]];
  const groups = new Map<string, [EdgeTuple, ...EdgeTuple[]]>();
  for (const tuple of rows) {
    const id = edgeKey(tuple[0], tuple[1], tuple[2]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [tuple]);
    else group.push(tuple);
  }
  return [...groups.values()];
}

/** Null where an end of it is not in the answer. */
export function edgeOf(
  nodeOf: (id: number) => EntityRecord | null,
  group: EdgeGroup,
): LineageEdgeRecord | null {
  const [fromId, toId, type] = group[0];
  const [from, to] = [nodeOf(fromId), nodeOf(toId)];
  if (from === null || to === null) return null;
  return { from, to, type, trust: bestTrust(group), claims: claimsOf(group) };
}

export function bestTrust(group: EdgeGroup): Trust {
  let best = group[0][3];
  for (const [, , , rank] of group) if (rank > best) best = rank;
  return trustOf(best);
}

const NO_CLAIMS: readonly ClaimRecord[] = [];

/** Best first. An edge may be met twice: both ways, or beside and along the way. */
function claimsOf(group: EdgeGroup): readonly ClaimRecord[] {
  if (group[0][4] === null) return NO_CLAIMS;
  const claims = new Map<string, ClaimRecord>();
  for (const tuple of group) {
    const claim = claimOfTuple(tuple);
    if (claim !== null) claims.set(claim.claim, claim);
  }
  return [...claims.values()].sort(bestFirst);
}
