import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import type { NodeLabel } from '../../model/node.ts';

/** Gathers every other name of the things, and of those names; returns all of them. */
export async function gatherNames(
  builder: SubgraphBuilder,
  ids: readonly number[],
): Promise<number[]> {
  const names = new Set(ids);
  for (let fresh = [...names]; fresh.length > 0;) {
    const found = await builder.beside(fresh, { out: ['SAME_AS'], into: ['SAME_AS'] });
    fresh = [...found].filter((id) => !names.has(id));
    for (const id of fresh) names.add(id);
  }
  return [...names];
}

/** Numbers of the gathered nodes of a label. */
export async function withLabel(
  builder: SubgraphBuilder,
  label: NodeLabel,
  ids: readonly number[] = builder.ids(),
): Promise<number[]> {
  await builder.load();
  return ids.filter((id) => builder.get(id)?.label === label);
}
