import { StemmaError } from '../../errors.ts';
import type {
  DeadLetterQuery,
  DeadLetterReplay,
  DeadLetterStore,
  DeadLetterView,
} from '../../model/dead-letters.ts';
import { checkEventType } from '../../questions/gather/known-names.ts';
import type * as Types from '../__generated__/resolvers.ts';
import { toMs } from '../arguments.ts';
import type { Context } from '../context.ts';
import { MAX_PAGE_SIZE, readPage, toConnection, toSparsePageInfo } from '../pages.ts';

type Filter = Types.DeadLetterFilter | null | undefined;

export async function deadLetterPage(
  { filter, ...args }: Types.QueryDeadLettersArgs,
  context: Context,
) {
  const { cursors } = context;
  const query = toQuery(filter, null);
  const scope = JSON.stringify(['deadLetters', query]);
  const page = readPage<string>(cursors, scope, args);
  const { items, next } = await storeOf(context).list(query, page);
  const type = filter?.type ?? null;
  if (items.length === 0 && next === null) {
    await checkEventType(context.reader, type, 'filter.type');
  }
  const connection = toConnection(
    ...([cursors, scope, page, { items, more: next !== null }] as const),
    ({ id }) => id,
  );
  const pageInfo = toSparsePageInfo(cursors, scope, page, next, connection);
  return { ...connection, pageInfo };
}

export async function deadLetterOf(id: string, context: Context): Promise<DeadLetterView | null> {
  return storeOf(context).show(id);
}

/** @throws StemmaError BAD_USER_INPUT, PAGE_SIZE_TOO_LARGE */
export async function replayDeadLetters(
  { ids, filter, limit }: Types.MutationReplayDeadLettersArgs,
  context: Context,
): Promise<Types.DeadLetterResult[]> {
  const store = storeOf(context);
  if ((ids === null || ids === undefined) === (filter === null || filter === undefined)) {
    throw new StemmaError('BAD_USER_INPUT', "Give either 'ids' or 'filter'.", {
      details: { path: 'ids' },
    });
  }
  const most = checkCount(limit ?? 100, 'limit');
  const chosen = ids ? checkIds(ids) : await idsOf(store, toQuery(filter, 'open'), most);
  return (await store.replay(chosen)).map(toResult);
}

/** @throws StemmaError BAD_USER_INPUT, PAGE_SIZE_TOO_LARGE */
export async function discardDeadLetters(
  { ids, reason }: Types.MutationDiscardDeadLettersArgs,
  context: Context,
): Promise<Types.DeadLetterResult[]> {
  const store = storeOf(context);
  if (reason.trim() === '' || reason.length > 1_000) {
    throw new StemmaError('BAD_USER_INPUT', "Say why in 'reason', in at most 1000 characters.", {
      details: { path: 'reason' },
    });
  }
  const chosen = checkIds(ids);
  const marked = new Set(await store.discard(chosen, reason));
  return Promise.all(
    chosen.map(async (id) => {
      if (marked.has(id)) return toResult({ id, outcome: 'discarded' });
      const isThere = (await store.show(id)) !== null;
      return toResult({ id, outcome: isThere ? 'already' : 'missing' });
    }),
  );
}

export const deadLetter: Types.DeadLetterResolvers = {
  state: ({ mark }) =>
    mark === null ? 'OPEN' : mark.state === 'replayed' ? 'REPLAYED' : 'DISCARDED',
  reason: ({ message }) => message,
  position: ({ n }) => n,
  body: ({ text }) => text,
  replayedAs: ({ mark }) => (mark?.state === 'replayed' ? mark.n : null),
  discardReason: ({ mark }) => (mark?.state === 'discarded' ? mark.reason : null),
  decidedAt: ({ mark }) => mark?.at ?? null,
};

const OUTCOMES = {
  discarded: 'DISCARDED',
  replayed: 'REPLAYED',
  already: 'UNCHANGED',
  conflict: 'CONFLICT',
  missing: 'MISSING',
} as const;

type Decided = Omit<DeadLetterReplay, 'outcome'> & { readonly outcome: keyof typeof OUTCOMES };

function toResult({ id, outcome, position }: Decided): Types.DeadLetterResult {
  return { deadLetterId: id, outcome: OUTCOMES[outcome], replayedAs: position ?? null };
}

/** The dead letters of a filter, newest first. */
async function idsOf(
  store: DeadLetterStore,
  query: DeadLetterQuery,
  most: number,
): Promise<string[]> {
  const ids: string[] = [];
  let position: string | null = null;
  do {
    const limit: number = most - ids.length;
    const page = await store.list(query, { limit, position, backward: false });
    ids.push(...page.items.map(({ id }) => id));
    position = page.next;
  } while (position !== null && ids.length < most);
  return ids;
}

function toQuery(filter: Filter, state: DeadLetterQuery['state']): DeadLetterQuery {
  const stated = filter?.state?.toLowerCase() as DeadLetterQuery['state'] | undefined; // the enum's words in lower case
  return {
    state: stated ?? state,
    code: filter?.code ?? null,
    type: filter?.type ?? null,
    source: filter?.source ?? null,
    since: toMs(filter?.since),
    until: toMs(filter?.until),
  };
}

function storeOf({ deadLetters }: Context): DeadLetterStore {
  if (deadLetters !== null) return deadLetters;
  throw new StemmaError(
    'DEPENDENCY_UNAVAILABLE',
    'This service has no access to the bus, where the dead letters are.',
  );
}

function checkIds(ids: readonly string[]): readonly string[] {
  checkCount(ids.length, 'ids');
  return [...new Set(ids)];
}

function checkCount(count: number, path: string): number {
  if (count >= 1 && count <= MAX_PAGE_SIZE) return count;
  throw new StemmaError(
    count < 1 ? 'BAD_USER_INPUT' : 'PAGE_SIZE_TOO_LARGE',
    `'${path}' ${path === 'ids' ? `has ${count} items` : `is ${count}`}: give 1 to ${MAX_PAGE_SIZE}.`,
    { details: { path, limit: MAX_PAGE_SIZE } },
  );
}
