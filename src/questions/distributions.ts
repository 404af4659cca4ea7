import type { NodeLabel } from '../model/node.ts';
import type { GraphEdge, Subgraph } from './subgraph.ts';
import { pathTo, type Reached, type Step } from './walk.ts';

/**
 * Files of package versions that have several. Each of them is that version, so that what is true of the version is true of them. What
 * is true of one file need not be true of whatever has the version inside: that may be another file.
 */

/** Something that is reached only if it is, or holds, one file of a version and not another one. */
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

/** Steps from a file to what it may be inside of: the version that it is a file of. */
export function toVersions(graph: Subgraph, id: string): Step[] {
  if (graph.labelOf(id) !== 'Artifact') return [];
  return graph.out(id, 'DISTRIBUTION_OF').map((edge) => ({ to: edge.to, edges: [edge] }));
}

/**
 * What stands one step beside of what was reached: versions that a file of theirs was reached of, and, where the question is not about
 * versions, files of a version that was reached by its name alone. With the edges from there to where the walk began.
 */
export function unsureOf(
  graph: Subgraph,
  reached: Reached,
  aboutVersions: boolean,
): Map<string, Unsure> {
  const found = new Map<string, Unsure>();
  for (const id of reached.keys()) {
    const versions = toVersions(graph, id);
    const files = aboutVersions ? [] : toFiles(graph, id);
    for (const { to, edges } of [...versions, ...files]) {
      if (reached.has(to) || found.has(to)) continue;
      const [file, version] = versions.length > 0 ? [id, to] : [to, id];
      const detail = `${keyOf(file)} is a file of ${keyOf(version)}, which may have others: whether this is the one is not known`;
      found.set(to, { edges: [...edges, ...pathTo(reached, id)], detail });
    }
  }
  return found;
}

function keyOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}
