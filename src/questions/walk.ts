import { EDGE_KINDS, type EdgeType } from '../model/edge.ts';
import { resolutionAt } from '../model/tags.ts';
import { append, since, type GraphEdge, type Subgraph } from './subgraph.ts';

/** One step of lineage; it may rest on two edges, where a tag stands between. */
export type Step = { readonly to: string; readonly edges: readonly GraphEdge[] };

export type Lineage = {
  /** Steps from a thing to what it was derived from. */
  readonly up: (id: string) => readonly Step[];
  /** Steps from a thing to what was derived from it. */
  readonly down: (id: string) => readonly Step[];
};

export type LineageOptions = {
  /** Walk from commit to commit as well. */
  readonly history: boolean;
  /** Where a walk begins: a tag that is asked about itself resolves to what it resolved to last. */
  readonly roots?: readonly string[];
};

/**
 * What lineage follows (design section 4): derivation edges, and identity hops both ways. A tag moves, so who used it got what it
 * resolved to at that time, and not everything that it ever resolved to.
 */
export function createLineage(graph: Subgraph, { history, roots = [] }: LineageOptions): Lineage {
  const ups = new Map<string, Step[]>();
  const downs = new Map<string, Step[]>();
  const connect = (from: string, to: string, edges: readonly GraphEdge[]): void => {
    append(ups, from, { to, edges });
    append(downs, to, { to: from, edges });
  };
  for (const edge of graph.edges) {
    if (!follows(edge.type, history)) continue;
    if (EDGE_KINDS[edge.type].role === 'identity') {
      // stored in both directions; a half that is missing is walked all the same
      connect(edge.from, edge.to, [edge]);
      connect(edge.to, edge.from, [edge]);
      continue;
    }
    if (edge.type === 'RESOLVED_TO') {
      if (roots.includes(edge.from) && resolutions(graph, edge.from, null).includes(edge)) {
        connect(edge.from, edge.to, [edge]);
      }
      continue;
    }
    connect(edge.from, edge.to, [edge]);
    if (graph.labelOf(edge.to) !== 'Resource') continue;
    for (const resolved of resolutions(graph, edge.to, since(edge))) {
      connect(edge.from, resolved.to, [edge, resolved]);
    }
  }
  return { up: (id) => ups.get(id) ?? [], down: (id) => downs.get(id) ?? [] };
}

function follows(type: EdgeType, history: boolean): boolean {
  const { role } = EDGE_KINDS[type];
  return role === 'derivation' || role === 'identity' || (history && role === 'history');
}

/** What a tag resolved to for whoever used it at a time (model/tags.ts). Null = now. */
export function resolutions(graph: Subgraph, tag: string, at: number | null): GraphEdge[] {
  const edges = graph.out(tag, 'RESOLVED_TO');
  const times = edges.flatMap(({ claims }) => claims.map(({ validFrom }) => validFrom));
  const chosen = resolutionAt(times, at);
  return edges.filter(({ claims }) => claims.some(({ validFrom }) => validFrom === chosen));
}

/** How each thing was reached: null for where the walk began. */
export type Reached = ReadonlyMap<string, { readonly from: string; readonly step: Step } | null>;

/** Everything reachable, nearest first. What is blocked is neither reached nor walked through. */
export function walk(
  starts: readonly string[],
  next: (id: string) => readonly Step[],
  blocked: (id: string) => boolean = () => false,
): Reached {
  const reached = new Map<string, { readonly from: string; readonly step: Step } | null>();
  for (const id of starts) if (!blocked(id)) reached.set(id, null);
  for (const id of reached.keys()) {
    for (const step of next(id)) {
      if (reached.has(step.to) || blocked(step.to)) continue;
      reached.set(step.to, { from: id, step });
    }
  }
  return reached;
}

/** The edges over which a thing was reached, from it back to where the walk began. */
export function pathTo(reached: Reached, id: string): GraphEdge[] {
  const edges: GraphEdge[] = [];
  let at = reached.get(id) ?? null;
  while (at !== null) {
    edges.push(...at.step.edges);
    at = reached.get(at.from) ?? null;
  }
  return edges;
}
