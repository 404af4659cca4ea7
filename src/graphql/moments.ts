import type { Moment } from '../model/moment.ts';
import { NOW } from '../model/moment.ts';
import type { AsOf } from './__generated__/resolvers.ts';

/** The moment of a question; what is left out is now. */
export function toMoment(asOf: AsOf | null | undefined): Moment {
  const { valid, known } = asOf ?? {};
  return {
    valid: typeof valid === 'string' ? Date.parse(valid) : NOW.valid,
    known: known ?? NOW.known,
  };
}
