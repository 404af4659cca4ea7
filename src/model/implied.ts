import type { Changes, EdgeChange } from './change.ts';
import type { EdgeType } from './edge.ts';

/** What a key says by itself. */
export const IMPLIED_TYPE: EdgeType = 'VERSION_OF';

/**
 * The claim of what a key says by itself: that a package version is one of its package. It is one edge, however many say so, and
 * nobody can take it back (docs/decisions/0023).
 */
export const IMPLIED = 'implied';

/**
 * By which claim each edge is made: that of the document or event, or IMPLIED. Where nothing else that is said touches the version, the
 * event itself claims it all the same, so that it is found from what it speaks of. Pure.
 */
export function claimsOf(
  { edges, claim }: Pick<Changes, 'edges' | 'claim'>,
  identity: string,
): (edge: EdgeChange) => string {
  const own = claim ?? identity;
  const touched = new Set<string>();
  for (const { type, from, to } of edges) {
    if (type === IMPLIED_TYPE) continue;
    if (from.label === 'PackageVersion') touched.add(from.key);
    if (to.label === 'PackageVersion') touched.add(to.key);
  }
  return ({ type, from }) => (type === IMPLIED_TYPE && touched.has(from.key) ? IMPLIED : own);
}
