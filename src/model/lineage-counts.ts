import type { NodeLabel } from './node.ts';

/** So many things of a label lie so deep. */
export type LineageCount = {
  readonly label: NodeLabel;
  readonly depth: number;
  readonly count: number;
};

/** How many things there are, by label and depth. */
export function countsOf(
  nodes: readonly { readonly node: { readonly label: NodeLabel }; readonly depth: number }[],
): LineageCount[] {
  const counts = new Map<string, { label: NodeLabel; depth: number; count: number }>();
  for (const { node, depth } of nodes) {
    const id = `${node.label} ${depth}`;
    const known = counts.get(id);
    if (known === undefined) counts.set(id, { label: node.label, depth, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()];
}
