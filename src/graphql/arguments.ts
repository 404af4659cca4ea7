import { StemmaError } from '../errors.ts';
import type { EventReader } from '../graph/read/events.ts';
import type { EntityRecord } from '../graph/read/records.ts';
import { NOW, type Moment } from '../model/moment.ts';
import type { AsOf } from './__generated__/resolvers.ts';
import type { Context } from './context.ts';
import { parseEntityId } from './ids.ts';

/**
 * The thing with a global id.
 *
 * @param path the argument that has the id
 * @throws StemmaError NOT_FOUND, BAD_USER_INPUT
 */
export async function entityOf(
  path: string,
  id: string,
  { loaders }: Pick<Context, 'loaders'>,
): Promise<EntityRecord> {
  const entity = await loaders.entity.load(parseEntityId(id));
  if (entity !== null) return entity;
  throw new StemmaError('NOT_FOUND', `There is nothing with the global id '${id.slice(0, 80)}'.`, {
    details: { path },
  });
}

/** The moment of a question; what is left out is now. */
export async function toMoment(
  asOf: AsOf | null | undefined,
  { loaders, now }: Pick<Context, 'loaders' | 'now'>,
): Promise<Moment> {
  return momentOf(asOf ?? {}, {
    positionAt: async (time) => loaders.positionAt.load(time),
    now,
  });
}

type LogTimes = Pick<EventReader, 'positionAt'> & { readonly now: () => number };

/** `known` as a time becomes a log number here, and nowhere else; what has not come yet is everything. */
export async function momentOf(
  { valid, known }: AsOf,
  { positionAt, now }: LogTimes,
): Promise<Moment> {
  const at = typeof known === 'string' ? Date.parse(known) : null;
  return {
    valid: typeof valid === 'string' ? Date.parse(valid) : NOW.valid,
    known:
      typeof known === 'number'
        ? known
        : at === null || at >= now()
          ? NOW.known
          : await positionAt(at),
  };
}

/** ms since the epoch. */
export function toMs(time: string | null | undefined): number | null {
  return time === null || time === undefined ? null : Date.parse(time);
}

/** @throws StemmaError BAD_USER_INPUT */
export function checkRange(path: string, value: number, most: number): void {
  if (value >= 1 && value <= most) return;
  throw new StemmaError('BAD_USER_INPUT', `'${path}' is ${value}: give 1 to ${most}.`, {
    details: { path, limit: most },
  });
}
