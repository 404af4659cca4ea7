import { asText, objectsOf } from '../json.ts';
import type { Bom } from './bom.ts';

/** Best first; whatever else begins with `incomplete` is as bad as the last. */
const AGGREGATES = ['complete', 'not_specified', 'unknown', 'incomplete'];

/**
 * Whether the document calls its own lists complete: the worst `aggregate` of its compositions, because whatever is left out
 * anywhere is left out of the whole. Null where it says nothing.
 *
 * @see https://cyclonedx.org/docs/1.7/json/#compositions
 */
export function completenessOf({ value }: Bom): string | null {
  const found = objectsOf(value['compositions']).flatMap(
    ({ aggregate }) => asText(aggregate) ?? [],
  );
  const rank = (aggregate: string) =>
    AGGREGATES.findIndex((known) => aggregate === known || aggregate.startsWith(`${known}_`));
  const [worst] = found
    .filter((aggregate) => rank(aggregate) >= 0)
    .sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
  return worst ?? null;
}
