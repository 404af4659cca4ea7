import type { GraphEdge, Subgraph } from './subgraph.ts';

/**
 * What walks begin at, with the edges between it and what was asked about: the builds of a builder, what a signer signed, what a
 * document describes. Advisories and packages are compared: see advisory.ts.
 */
export function sources(graph: Subgraph, root: string): Map<string, GraphEdge[]> {
  const found = new Map<string, GraphEdge[]>();
  const add = (id: string, edges: GraphEdge[]): void => {
    if (!found.has(id)) found.set(id, edges);
  };
  const label: string = graph.labelOf(root);
  switch (label) {
    case 'Builder':
      for (const edge of graph.into(root, 'RAN_ON')) add(edge.from, [edge]);
      break;
    case 'Attestation':
      for (const edge of graph.out(root, 'ATTESTS')) add(edge.to, [edge]);
      break;
    case 'Document':
      for (const edge of graph.out(root, 'DESCRIBES')) add(edge.to, [edge]);
      break;
    case 'Identity':
      for (const signed of graph.into(root, 'SIGNED_BY')) {
        if (graph.labelOf(signed.from) !== 'Attestation') add(signed.from, [signed]);
        for (const edge of graph.out(signed.from, 'ATTESTS')) add(edge.to, [edge, signed]);
      }
      break;
    default:
      add(root, []);
  }
  return found;
}

/** An advisory's names, each with the edges from it to the one that was asked about. */
export function namesOf(graph: Subgraph, root: string): Map<string, GraphEdge[]> {
  const names = new Map<string, GraphEdge[]>([[root, []]]);
  for (const [name, edges] of names) {
    for (const edge of graph.out(name, 'SAME_AS')) {
      if (!names.has(edge.to)) names.set(edge.to, [edge, ...edges]);
    }
    for (const edge of graph.into(name, 'SAME_AS')) {
      if (!names.has(edge.from)) names.set(edge.from, [edge, ...edges]);
    }
  }
  return names;
}
