import type { EdgeType } from '../../model/edge.ts';
import type { NodeLabel } from '../../model/node.ts';
import { int, type Graph } from '../driver.ts';
import { LAST_KEY, toNeighbor, type Neighbor } from './records.ts';
import type { Statements } from '../statement.ts';

export type NeighborRequest = {
  readonly type: EdgeType;
  readonly direction: 'OUT' | 'IN';
  /** Only neighbours of these labels; null = any. */
  readonly labels: readonly NodeLabel[] | null;
  /** Only what lies behind this, in the order of key and label or against it; null = from the start of that order. */
  readonly position: { readonly key: string; readonly label: string } | null;
  /** Against the order: from the last to the first. */
  readonly backward: boolean;
  readonly limit: number;
  readonly claims: boolean;
};

export type CountRequest = Pick<NeighborRequest, 'type' | 'direction' | 'labels'> & {
  readonly upTo: number;
};

/** What a thing would be one with, if claims did not contradict each other since a log number. */
export type ContradictedName = Neighbor & { readonly since: number };

export interface NeighborReader {
  /** For each node, by internal number; nodes without any are left out. */
  contradicted(ids: readonly number[]): Promise<Map<number, ContradictedName[]>>;
  /** A page for each node, by internal number; nodes without any are left out. One query for all of them. */
  neighbors(ids: readonly number[], request: NeighborRequest): Promise<Map<number, Neighbor[]>>;
  /** How many neighbours each node has, by internal number; null where it has more than `upTo`. One query for all of them. */
  neighborCounts(
    ids: readonly number[],
    request: CountRequest,
  ): Promise<Map<number, number | null>>;
}

export function createNeighborReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): NeighborReader {
  return {
    async contradicted(ids) {
      const rows = await graph.read(statements.get('lookup/contradicted'), { ids: ids.map(int) });
      const byParent = Map.groupBy(rows, (row) => row.get('parent') as number); // as the header says
      return new Map(
        [...byParent].map(([parent, own]) => [
          parent,
          own.map((row) => ({ ...toNeighbor(row), since: row.get('since') as number })),
        ]),
      );
    },

    async neighbors(ids, { type, direction, labels, position, backward, limit, claims }) {
      const order = backward ? 'desc' : 'asc';
      const rows = await graph.read(statements.get('lookup/neighbors', type, direction, order), {
        ids: ids.map(int),
        labels,
        key: position?.key ?? (backward ? LAST_KEY : ''),
        label: position?.label ?? '',
        limit: int(limit),
        claims,
      });
      const pages = new Map<number, Neighbor[]>();
      for (const row of rows) {
        const parent = row.get('parent') as number;
        const page = pages.get(parent);
        if (page === undefined) pages.set(parent, [toNeighbor(row)]);
        else page.push(toNeighbor(row));
      }
      return pages;
    },

    async neighborCounts(ids, { type, direction, labels, upTo }) {
      const statement = statements.get('lookup/neighbors', type, direction, 'count');
      const rows = await graph.read(statement, {
        ...{ ids: ids.map(int), labels },
        limit: int(upTo + 1),
      });
      return new Map(
        rows.map((row) => {
          const count = Number(row.get('count'));
          return [row.get('parent') as number, count > upTo ? null : count]; // as the header says
        }),
      );
    },
  };
}
