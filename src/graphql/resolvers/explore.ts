import type { GraphQLResolveInfo } from 'graphql';
import { StemmaError } from '../../errors.ts';
import type { EntityRecord, EventRecord } from '../../graph/read/records.ts';
import type { SearchPosition } from '../../graph/read/search.ts';
import type { TimelinePosition } from '../../graph/read/timeline.ts';
import type { UnresolvedPosition } from '../../graph/read/unresolved.ts';
import { askSearch } from '../../questions/ask/search.ts';
import { askEventChain, askTimeline } from '../../questions/ask/timeline.ts';
import { askUnresolved } from '../../questions/ask/unresolved.ts';
import type * as Types from '../__generated__/resolvers.ts';
import { entityOf } from '../arguments.ts';
import type { Context } from '../context.ts';
import { tryParseId } from '../ids.ts';
import { readPage, toConnection, toEdge, toPageInfo, toSparsePageInfo } from '../pages.ts';
import { eventPage, wantsBody } from './event.ts';

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

export async function timelinePage(
  { of, ...args }: Types.RequireFields<Types.QueryTimelineArgs, 'of'>,
  context: Context,
  info: Info,
) {
  const { cursors, reader } = context;
  const names = await namesOf(await entityOf('of', of, context), context);
  const scope = JSON.stringify(['timeline', of]);
  const page = readPage<TimelinePosition>(cursors, scope, args);
  const { items, more, truncated } = await askTimeline(reader, names, {
    ...page,
    body: wantsBody(info),
  });
  const positionOf = ({ at, n }: EventRecord): TimelinePosition => ({ at, n });
  return { ...toConnection(cursors, scope, page, { items, more }, positionOf), truncated };
}

/** A repository under each name that has its number, itself first; anything else has one. */
async function namesOf(thing: EntityRecord, { loaders }: Context): Promise<EntityRecord[]> {
  const { label, hostId } = thing;
  if (label !== 'Repository' || typeof hostId !== 'string') return [thing];
  const others = (await loaders.repositoryNames.load(hostId)).filter((key) => key !== thing.key);
  const found = await Promise.all(others.map(async (key) => loaders.entity.load({ label, key })));
  return [thing, ...found.flatMap((one) => one ?? [])];
}

export async function searchPage(
  { text, kinds, first, after }: Types.RequireFields<Types.QuerySearchArgs, 'text'>,
  { cursors, reader }: Context,
) {
  const subject = { text, kinds: kinds ?? null };
  const scope = JSON.stringify(['search', text, subject.kinds]);
  const page = readPage<SearchPosition>(cursors, scope, { first, after });
  const { hits, more } = await askSearch(reader, subject, page);
  return {
    nodes: hits.map(({ entity }) => entity),
    edges: hits.map((hit) => ({ match: hit.match, ...edgeOf(hit.entity, hit.position) })),
    pageInfo: toPageInfo(
      cursors,
      scope,
      page,
      more,
      hits.map(({ position }) => position),
    ),
  };

  function edgeOf(entity: EntityRecord, position: SearchPosition) {
    return toEdge(cursors, scope, entity, position);
  }
}

export async function unresolvedPage(
  { label, ...args }: Types.QueryUnresolvedArgs,
  { cursors, reader }: Context,
) {
  const kind = label ?? null;
  const scope = JSON.stringify(['unresolved', kind]);
  const page = readPage<UnresolvedPosition>(cursors, scope, args);
  const { items, next } = await askUnresolved(reader, kind, page);
  const positionOf = ({ label: one, key }: EntityRecord): UnresolvedPosition => ({
    label: one,
    key,
  });
  const connection = toConnection(cursors, scope, page, { items, more: next !== null }, positionOf);
  const pageInfo = toSparsePageInfo(cursors, scope, page, next, connection);
  return { ...connection, pageInfo, count: refuseToCount };
}

/** All things of the graph would have to be looked at. */
async function refuseToCount(): Promise<never> {
  throw new StemmaError(
    'BAD_USER_INPUT',
    "'totalCount' of 'unresolved' is not counted, since it is found among all things: ask for 'statistics { unresolved }', which says how many were looked at.",
    { details: { path: 'totalCount' } },
  );
}

export async function readEventChain(id: string, { reader }: Context) {
  const ref = tryParseId(id);
  return askEventChain(reader, ref?.label === 'Event' ? ref.key : id);
}

export const eventChain: Types.EventChainResolvers = {
  correlated: async ({ event: { correlationId } }, args, context, info) =>
    correlationId === null
      ? { edges: [], nodes: [], pageInfo: NO_PAGE }
      : eventPage({ ...args, correlationId, order: 'OLDEST_FIRST' }, context, info),
};

const NO_PAGE = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
