import { NAMING_TYPES } from '../model/edge.ts';
import type { NodeLabel } from '../model/node.ts';
import { keyOf, type GraphEdge, type Subgraph } from './subgraph.ts';
import { pathTo, type Reached, type Step } from './walk.ts';

/**
 * Files of package versions that have several. Each of them is that version, so that what is true of the version is true of them. What
 * is true of one file need not be true of whatever has the version inside: that may be another file.
 */

/** Something that is reached only if it is, or holds, one file of a name and not another one. */
export type Unsure = { readonly edges: readonly GraphEdge[]; readonly detail: string };

/** Whether a question about a thing of this label is about versions, whichever of their files. */
export function isAboutVersions(label: NodeLabel): boolean {
  return ['Vulnerability', 'Package', 'PackageVersion', 'Document'].includes(label);
}

/** Steps from a version to its files. */
export function toFiles(graph: Subgraph, id: string): Step[] {
  if (graph.labelOf(id) !== 'PackageVersion') return [];
  return graph.into(id, 'DISTRIBUTION_OF').map((edge) => ({ to: edge.from, edges: [edge] }));
}

/** Steps from a file to names that others may have too, by which it may be inside of something: versions, and digests. */
export function toNames(graph: Subgraph, id: string): Step[] {
  return graph.out(id, ...NAMING_TYPES).map((edge) => ({ to: edge.to, edges: [edge] }));
}

/**
 * What stands one step beside of what was reached: names of a file that was reached, and files of a name that was reached, unless it is
 * a version and the question is about versions. With the edges from there to where the walk began.
 */
export function unsureOf(
  graph: Subgraph,
  reached: Reached,
  aboutVersions: boolean,
): Map<string, Unsure> {
  const found = new Map<string, Unsure>();
  for (const id of reached.keys()) {
    const files = graph
      .into(id, ...NAMING_TYPES)
      .filter(({ type }) => !aboutVersions || type !== 'DISTRIBUTION_OF');
    for (const edge of [...graph.out(id, ...NAMING_TYPES), ...files]) {
      const to = edge.from === id ? edge.to : edge.from;
      if (reached.has(to) || found.has(to)) continue;
      found.set(to, { edges: [edge, ...pathTo(reached, id)], detail: detailOf(edge) });
    }
  }
  return found;
}

function detailOf({ from, type, to }: GraphEdge): string {
  return type === 'HAS_DIGEST'
    ? `${keyOf(from)} is said to have the digest ${keyOf(to)}, which does not tell it from others: whether this is the one is not known`
    : `${keyOf(from)} is a file of ${keyOf(to)}, which may have others: whether this is the one is not known`;
}
