import type { NodeChange } from './change.ts';

/** What was stated last of a facet, with the stamp of the statement. */
export type Facet = {
  readonly stamp: string;
  readonly properties: Readonly<Record<string, unknown>>;
};

/** Keeps of each facet what has the greatest stamp (design section 4), in whatever order statements come. */
export function takeFacets(
  facets: Map<string, Facet>,
  stated: NodeChange['facets'],
  stamp: string,
): void {
  for (const [name, properties] of Object.entries(stated)) {
    const known = facets.get(name);
    if (known === undefined || known.stamp < stamp) facets.set(name, { stamp, properties });
  }
}
