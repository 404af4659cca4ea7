import { StemmaError } from '../errors.ts';
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
export function toMoment(asOf: AsOf | null | undefined): Moment {
  const { valid, known } = asOf ?? {};
  return {
    valid: typeof valid === 'string' ? Date.parse(valid) : NOW.valid,
    known: known ?? NOW.known,
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
