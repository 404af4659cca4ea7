import { STATED_LABELS, type NodeLabel } from '../../model/node.ts';
import { int, type Graph } from '../driver.ts';
import { LAST_KEY, type EntityRecord, type PageRequest } from './records.ts';
import type { Statements } from '../statement.ts';

export type UnresolvedPosition = { readonly label: NodeLabel; readonly key: string };

export type UnresolvedPage = {
  readonly items: readonly EntityRecord[];
  /** Where to go on; null where all were seen. A page may be short, or empty, and still not be the last. */
  readonly next: UnresolvedPosition | null;
};

export interface UnresolvedReader {
  /** What is referred to and was never stated, by label and key. Looks at a bounded number of things for each page. */
  unresolved(
    label: NodeLabel | null,
    page: PageRequest<UnresolvedPosition>,
  ): Promise<UnresolvedPage>;
}

/** Things that are looked at for one page: about a quarter of a second. */
const EXAMINED = 100_000;

export function createUnresolvedReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): UnresolvedReader {
  return {
    async unresolved(label, { position: start, backward, limit }) {
      const inOrder =
        label === null ? STATED_LABELS : [label].filter((one) => STATED_LABELS.includes(one));
      const labels = backward ? inOrder.toReversed() : inOrder;
      const before = backward ? LAST_KEY : '';
      const items: EntityRecord[] = [];
      let left = EXAMINED;
      let position = start?.key ?? before;
      let at = start === null ? 0 : Math.max(labels.indexOf(start.label), 0);
      for (let current = labels[at]; current !== undefined; current = labels[at]) {
        const examined = left;
        const [row] = await graph.read(
          statements.get('explore/unresolved', backward ? 'desc' : 'asc'),
          {
            label: current,
            position,
            examined: int(examined),
            limit: int(limit - items.length),
          },
        );
        const found = ((row?.get('rows') ?? []) as Tuple[]).map(toRecord);
        const looked = Number(row?.get('examined') ?? 0);
        items.push(...found);
        const last = found.at(-1)?.key;
        if (items.length === limit && last !== undefined)
          return { items, next: { label: current, key: last } };
        left -= looked;
        if (left <= 0) return { items, next: { label: current, key: String(row?.get('last')) } };
        at += 1;
        position = before;
      }
      return { items, next: null };
    },
  };
}

type Tuple = readonly [number, NodeLabel, Record<string, unknown>];

function toRecord([internal, label, properties]: Tuple): EntityRecord {
  return { ...properties, internal, label, key: String(properties['key']) };
}
