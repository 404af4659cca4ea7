import { int, type Graph } from '../driver.ts';
import { tuplesOf, claimOfTuple, type ClaimRecord, type EdgeTuple } from './records.ts';
import type { Statements } from '../statement.ts';
import { momentOf } from './subgraph.ts';
import type { Moment } from '../../model/moment.ts';

/** What one claim says of two nodes, by their internal numbers: the first depends on the second, or contains it directly. */
export type DependencyRecord = {
  readonly from: number;
  readonly to: number;
  readonly type: 'DEPENDS_ON' | 'CONTAINS';
  readonly claim: ClaimRecord;
};

export interface DependencyReader {
  /** What leads out of the nodes according to some claims. What belongs to other documents is not read: it says nothing here. */
  dependencies(
    ids: readonly number[],
    claims: readonly string[],
    at: Moment,
  ): Promise<DependencyRecord[]>;
  /** Likewise, what leads to the nodes, from whatever depends on them through others. */
  dependents(
    ids: readonly number[],
    claims: readonly string[],
    at: Moment,
  ): Promise<DependencyRecord[]>;
}

/** Nodes in one statement. */
const PORTION = 5_000;

export function createDependencyReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): DependencyReader {
  const read = async (
    name: string,
    ids: readonly number[],
    claims: readonly string[],
    at: Moment,
  ): Promise<DependencyRecord[]> => {
    const found: DependencyRecord[] = [];
    for (let start = 0; start < ids.length && claims.length > 0; start += PORTION) {
      const rows = await graph.read(statements.get(name), {
        ids: ids.slice(start, start + PORTION).map(int),
        ...{ claims, ...momentOf(at) },
      });
      for (const tuple of tuplesOf<EdgeTuple>(rows)) {
        const [from, to, type] = tuple;
        const claim = claimOfTuple(tuple);
        if (claim === null || (type !== 'DEPENDS_ON' && type !== 'CONTAINS')) continue;
        found.push({ from, to, type, claim });
      }
    }
    return found;
  };
  return {
    dependencies: async (ids, claims, at) => read('question/dependencies', ids, claims, at),

    async dependents(ids, claims, at) {
      const found: DependencyRecord[] = [];
      const asked = new Set(ids);
      for (let fresh = [...asked]; fresh.length > 0;) {
        const next = await read('question/dependents', fresh, claims, at);
        found.push(...next);
        fresh = next.flatMap(({ from, type }) =>
          type === 'DEPENDS_ON' && !asked.has(from) ? [from] : [],
        );
        fresh = [...new Set(fresh)];
        for (const id of fresh) asked.add(id);
      }
      return found;
    },
  };
}
