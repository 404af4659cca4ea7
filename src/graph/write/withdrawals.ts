import type { EdgeChange } from '../../model/change.ts';
import { edgeName, type EdgeEndingRow, type Rows } from './rows.ts';

/** A claim that has ended as a whole, as the graph remembers it. */
export type EndedClaim = {
  readonly key: string;
  readonly endValid: readonly number[];
  readonly endKnown: readonly number[];
  readonly endBy: readonly string[];
};

/** The rows' edges whose claims had been withdrawn before they arrived. */
export function endingsOf(
  rows: Rows,
  withdrawn: readonly EndedClaim[],
): Map<string, EdgeEndingRow[]> {
  const byClaim = new Map(withdrawn.map((claim) => [claim.key, claim]));
  const endings = new Map<string, EdgeEndingRow[]>();
  for (const [name, edges] of rows.edges) {
    const ended = edges.flatMap(({ a, b, c }) => {
      const claim = byClaim.get(c);
      if (claim === undefined) return [];
      return claim.endBy.map((by, at) => ({
        a,
        b,
        c,
        v: BigInt(claim.endValid[at] ?? 0),
        k: BigInt(claim.endKnown[at] ?? 0),
        by,
      }));
    });
    if (ended.length > 0) endings.set(name, ended);
  }
  return endings;
}

export function addEnding(
  endings: Map<string, Map<string, EdgeEndingRow>>,
  edge: EdgeChange,
  row: Rows['withdrawals'][number],
): void {
  const name = edgeName(edge.type, edge.from.label, edge.to.label);
  let byId = endings.get(name);
  if (byId === undefined) endings.set(name, (byId = new Map<string, EdgeEndingRow>()));
  const id = [edge.from.key, edge.to.key, row.key, row.by].join('\n');
  byId.set(id, { a: edge.from.key, b: edge.to.key, c: row.key, v: row.v, k: row.k, by: row.by });
}
