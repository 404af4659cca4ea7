import type { GraphQLResolveInfo } from 'graphql';
import type { NeighborRequest } from '../../graph/read/neighbors.ts';
import type { EntityRecord, Neighbor } from '../../graph/read/records.ts';
import { EDGE_KINDS, EDGE_TYPES, type EdgeType } from '../../model/edge.ts';
import { refId } from '../../model/node.ts';
import type { EntityNeighborsArgs } from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import {
  inListOrder,
  readPage,
  toEdge,
  toPageInfo,
  toSlice,
  type PageArguments,
} from '../pages.ts';
import { fieldsBelow } from '../selection.ts';
import type { Relation } from './relations.ts';

type Position = { readonly key: string; readonly label: string };

/** A page of what one relation of `parent` leads to. */
export async function relationPage(
  parent: EntityRecord,
  { type, direction, label }: Relation,
  args: PageArguments,
  { cursors, loaders }: Context,
) {
  const labels = label === null ? null : [label];
  const scope = JSON.stringify([refId(parent), type, direction, labels]);
  const page = readPage<Position>(cursors, scope, args);
  const request = { ...page, type, direction, labels, limit: page.limit + 1, claims: false };
  const found = await loaders.neighbors.load({ parent: parent.internal, request });
  const slice = toSlice(found, page.limit);
  const items = inListOrder(slice.items, page.backward);
  const positionOf = ({ entity }: Neighbor): Position => ({ key: entity.key, label: entity.label });
  return {
    nodes: items.map(({ entity }) => entity),
    edges: items.map((one) => ({ trust: one.trust, ...edgeOf(one, positionOf(one)) })),
    pageInfo: toPageInfo(cursors, scope, page, slice.more, items.map(positionOf)),
    count: async (upTo: number) =>
      loaders.neighborCounts.load({
        parent: parent.internal,
        request: { type, direction, labels, upTo },
      }),
  };

  function edgeOf({ entity }: Neighbor, position: Position) {
    return toEdge(cursors, scope, entity, position);
  }
}

/** The thing that a relation leads to: the first by key. */
export async function relationOne(
  parent: EntityRecord,
  { type, direction, label }: Relation,
  { loaders }: Context,
): Promise<EntityRecord | null> {
  const labels = label === null ? null : [label];
  const page = { position: null, backward: false, limit: 1 };
  const request = { ...page, type, direction, labels, claims: false };
  const [first] = await loaders.neighbors.load({ parent: parent.internal, request });
  return first?.entity ?? null;
}

type EdgeKind = { readonly type: EdgeType; readonly direction: 'OUT' | 'IN' };
type NeighborPosition = Position & EdgeKind;

/** A page of everything around `parent`, in the order of edge type, direction, key. */
export async function neighborPage(
  parent: EntityRecord,
  args: EntityNeighborsArgs,
  { cursors, loaders }: Context,
  info: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
) {
  const { direction = 'BOTH', types, ...rest } = args;
  const scope = JSON.stringify([refId(parent), 'neighbors', direction, types ?? null]);
  const page = readPage<NeighborPosition>(cursors, scope, rest);
  const inOrder = kindsOf(parent, direction, types ?? EDGE_TYPES);
  const kinds = page.backward ? inOrder.toReversed() : inOrder;
  const start = page.position;
  const from = start === null ? 0 : kinds.findIndex((kind) => isSame(kind, start));
  const claims = fieldsBelow(info, 'edges').has('claims');
  const pages = await Promise.all(
    kinds.slice(from).map(async (kind, at) => {
      const request: NeighborRequest = {
        ...kind,
        labels: null,
        position: at === 0 && start !== null ? { key: start.key, label: start.label } : null,
        backward: page.backward,
        limit: page.limit + 1,
        claims,
      };
      const found = await loaders.neighbors.load({ parent: parent.internal, request });
      return found.map((neighbor) => ({ ...kind, ...neighbor }));
    }),
  );
  const slice = toSlice(pages.flat(), page.limit);
  const items = inListOrder(slice.items, page.backward);
  const positionOf = ({ type, direction, entity }: (typeof items)[number]): NeighborPosition => ({
    ...{ type, direction },
    key: entity.key,
    label: entity.label,
  });
  return {
    nodes: items.map(({ entity }) => entity),
    edges: items.map((item) => ({
      ...{
        type: item.type,
        direction: item.direction,
        trust: item.trust,
        claims: [...item.claims],
      },
      node: item.entity,
      get cursor() {
        return cursors.encode(scope, positionOf(item));
      },
    })),
    pageInfo: toPageInfo(cursors, scope, page, slice.more, items.map(positionOf)),
  };
}

/** The edge types and directions that a thing of this label can have at all. */
function kindsOf(
  { label }: EntityRecord,
  direction: 'OUT' | 'IN' | 'BOTH',
  types: readonly EdgeType[],
): EdgeKind[] {
  return EDGE_TYPES.filter((type) => types.includes(type)).flatMap((type) => {
    const { ends } = EDGE_KINDS[type];
    const kinds: EdgeKind[] = [];
    if (direction !== 'IN' && ends.some(([from]) => from === label))
      kinds.push({ type, direction: 'OUT' });
    if (direction !== 'OUT' && ends.some(([, to]) => to === label))
      kinds.push({ type, direction: 'IN' });
    return kinds;
  });
}

function isSame(a: EdgeKind, b: EdgeKind): boolean {
  return a.type === b.type && a.direction === b.direction;
}
