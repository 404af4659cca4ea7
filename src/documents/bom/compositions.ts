import { asArray, asText, clip, objectsOf, type JsonObject } from '../json.ts';
import type { Warnings } from '../warnings.ts';
import type { Bom } from './bom.ts';

/** Best first; whatever else begins with `incomplete` is as bad as the last. */
const AGGREGATES = ['complete', 'not_specified', 'unknown', 'incomplete'];

/**
 * Whether the document calls its own lists complete: the worst `aggregate` of its compositions, because whatever is left out
 * anywhere is left out of the whole. Null where it says nothing. A composition of vulnerabilities alone says nothing of contents;
 * a word that is not in the list of the specification counts as `unknown`.
 *
 * @see https://cyclonedx.org/docs/1.7/json/#compositions
 */
export function completenessOf({ value }: Bom, warnings: Warnings): string | null {
  const { compositions } = value;
  if (compositions !== undefined && compositions !== null && !Array.isArray(compositions)) {
    warnings.add('compositions', "'compositions' must be an array: what is complete is not known.");
    return 'unknown';
  }
  const found = objectsOf(compositions).flatMap((composition, index) => {
    const aggregate = asText(composition['aggregate']);
    if (aggregate === null || isOfVulnerabilities(composition)) return [];
    if (rank(aggregate) >= 0) return [aggregate];
    const at = `compositions.${index}.aggregate`;
    warnings.add(
      at,
      `'${at}' ("${clip(aggregate, 100)}") is not a known word and counts as unknown.`,
    );
    return ['unknown'];
  });
  const [worst] = found.sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
  return worst ?? null;
}

function rank(aggregate: string): number {
  return AGGREGATES.findIndex((known) => aggregate === known || aggregate.startsWith(`${known}_`));
}

function isOfVulnerabilities({ assemblies, dependencies, vulnerabilities }: JsonObject): boolean {
  const isEmpty = (list: unknown) => asArray(list).length === 0;
  return !isEmpty(vulnerabilities) && isEmpty(assemblies) && isEmpty(dependencies);
}
