import { StemmaError } from '../errors.ts';
import type { PageRequest, Slice } from '../graph/read/records.ts';
import type { Cursors } from './cursors.ts';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 500;

export type PageArguments = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
};

export type Connection<T> = {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly nodes: T[];
  readonly pageInfo: PageInfo;
};

/** A list that can say how many items it has in all. */
export type Counted = {
  /** Null where there are more than `upTo`: counting stops there. */
  readonly count: (upTo: number) => Promise<number | null>;
};

export type PageInfo = {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
};

/** What is wrong with the size of a page, or null. */
export function pageSizeProblem(first: unknown, last: unknown): StemmaError | null {
  const details = { reason: 'PAGE_SIZE', limit: MAX_PAGE_SIZE };
  if (typeof first === 'number' && typeof last === 'number') {
    return new StemmaError('BAD_USER_INPUT', "Give 'first' or 'last', not both.", { details });
  }
  const size = typeof first === 'number' ? first : last;
  if (typeof size !== 'number') return null;
  const name = typeof first === 'number' ? 'first' : 'last';
  if (size < 1) {
    return new StemmaError(
      'BAD_USER_INPUT',
      `'${name}' is ${size}: ask for 1 to ${MAX_PAGE_SIZE} items.`,
      {
        details,
      },
    );
  }
  if (size <= MAX_PAGE_SIZE) return null;
  return new StemmaError(
    'PAGE_SIZE_TOO_LARGE',
    `'${name}' is ${size}: ask for 1 to ${MAX_PAGE_SIZE} items, and for the next page with 'after'.`,
    { details },
  );
}

/** @throws StemmaError BAD_USER_INPUT, PAGE_SIZE_TOO_LARGE, CURSOR_INVALID */
export function readPage<P>(cursors: Cursors, scope: string, args: PageArguments): PageRequest<P> {
  const problem = pageSizeProblem(args.first, args.last);
  if (problem !== null) throw problem;
  const backward = typeof args.last === 'number' || (!isGiven(args.first) && isGiven(args.before));
  const [cursor, other] = backward ? [args.before, args.after] : [args.after, args.before];
  if (isGiven(other)) {
    throw new StemmaError('BAD_USER_INPUT', "Use 'first' with 'after', or 'last' with 'before'.", {
      details: { reason: 'PAGE_SIZE' },
    });
  }
  return {
    limit: args.first ?? args.last ?? DEFAULT_PAGE_SIZE,
    position: isGiven(cursor) ? (cursors.decode(scope, cursor) as P) : null, // only positions of this scope are signed for it
    backward,
  };
}

/** What was read with one item more than asked for, which tells that there are more. */
export function toSlice<T>(found: readonly T[], limit: number): Slice<T> {
  return { items: found.slice(0, limit), more: found.length > limit };
}

/** The items of a page in the order of the list, whichever way they were read. */
export function inListOrder<T>(items: readonly T[], backward: boolean): T[] {
  return backward ? items.toReversed() : [...items];
}

/** A slice as Relay wants it; cursors are computed where they are asked for. */
export function toConnection<T>(
  cursors: Cursors,
  scope: string,
  page: PageRequest<unknown>,
  slice: Slice<T>,
  positionOf: (item: T) => unknown,
): Connection<T> {
  const nodes = inListOrder(slice.items, page.backward);
  return {
    edges: nodes.map((node) => toEdge(cursors, scope, node, positionOf(node))),
    nodes,
    pageInfo: toPageInfo(cursors, scope, page, slice.more, nodes.map(positionOf)),
  };
}

export function toEdge<T>(cursors: Cursors, scope: string, node: T, position: unknown) {
  return {
    node,
    get cursor() {
      return cursors.encode(scope, position);
    },
  };
}

export function toPageInfo(
  cursors: Cursors,
  scope: string,
  { position, backward }: PageRequest<unknown>,
  more: boolean,
  positions: readonly unknown[],
): PageInfo {
  const cursorAt = (at: number) =>
    positions.length === 0 ? null : cursors.encode(scope, positions.at(at));
  return {
    hasNextPage: backward ? position !== null : more,
    hasPreviousPage: backward ? more : position !== null,
    get startCursor() {
      return cursorAt(0);
    },
    get endCursor() {
      return cursorAt(-1);
    },
  };
}

/**
 * Of a page for which only so much was read, so that it can end where nothing was found: `next` is where the reading stopped, null
 * where it came to the end of the list.
 */
export function toSparsePageInfo<P>(
  cursors: Cursors,
  scope: string,
  { position, backward }: PageRequest<P>,
  next: P | null,
  { pageInfo }: Connection<unknown>,
): PageInfo {
  const onward = next === null ? null : cursors.encode(scope, next);
  const { startCursor, endCursor } = pageInfo;
  return backward
    ? {
        ...{ hasNextPage: position !== null, hasPreviousPage: next !== null },
        ...{ startCursor: onward ?? startCursor, endCursor },
      }
    : {
        ...{ hasNextPage: next !== null, hasPreviousPage: position !== null },
        ...{ startCursor, endCursor: onward ?? endCursor },
      };
}

/** A page of a list that is in memory, in the order of its keys, which are unique. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  scope: readonly unknown[],
  args: PageArguments,
  { cursors }: { readonly cursors: Cursors },
) {
  const name = JSON.stringify(scope);
  const page = readPage<string>(cursors, name, args);
  const { position, backward } = page;
  const isBehind = (item: T): boolean =>
    position === null || (backward ? keyOf(item) < position : keyOf(item) > position);
  const rest = (backward ? items.toReversed() : items).filter(isBehind);
  const slice = toSlice(rest, page.limit);
  const totalCount = items.length;
  const count = async (upTo: number) => Promise.resolve(totalCount > upTo ? null : totalCount);
  return { ...toConnection(cursors, name, page, slice, keyOf), totalCount, count };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
