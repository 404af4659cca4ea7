import type { EdgeType, Trust } from '../model/edge.ts';
import type { NodeLabel } from '../model/node.ts';

/** A node as a question sees it: label, key, and the properties of its facets. */
export type GraphNode = {
  readonly label: NodeLabel;
  readonly key: string;
  readonly [property: string]: unknown;
};

export type GraphClaim = {
  readonly claim: string;
  readonly validFrom: number;
  readonly trust: Trust;
  /** Of CONCERNS: what is said, see model/concern.ts. */
  readonly concerns?: readonly string[];
};

/** Ends are `Label:key`; one edge for each (from, type, to), with the claims that hold. */
export type GraphEdge = {
  readonly from: string;
  readonly type: EdgeType;
  readonly to: string;
  readonly claims: readonly GraphClaim[];
};

/** The part of the graph that a question is about, in memory. Ids are `Label:key`. */
export interface Subgraph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly GraphEdge[];
  out(id: string, ...types: readonly EdgeType[]): GraphEdge[];
  into(id: string, ...types: readonly EdgeType[]): GraphEdge[];
  labelOf(id: string): NodeLabel;
  /** The thing and everything that is the same (SAME_AS), itself first. */
  aliases(id: string): string[];
}

/** Edges whose ends are not among the nodes are left out. */
export function createSubgraph(nodes: Iterable<GraphNode>, edges: Iterable<GraphEdge>): Subgraph {
  const byId = new Map<string, GraphNode>();
  for (const node of nodes) byId.set(`${node.label}:${node.key}`, node);
  const outOf = new Map<string, GraphEdge[]>();
  const inTo = new Map<string, GraphEdge[]>();
  const kept: GraphEdge[] = [];
  for (const edge of edges) {
    if (!byId.has(edge.from) || !byId.has(edge.to)) continue;
    kept.push(edge);
    append(outOf, edge.from, edge);
    append(inTo, edge.to, edge);
  }
  const select = (found: readonly GraphEdge[] = [], types: readonly EdgeType[]): GraphEdge[] =>
    types.length === 0 ? [...found] : found.filter(({ type }) => types.includes(type));

  return {
    nodes: byId,
    edges: kept,
    out: (id, ...types) => select(outOf.get(id), types),
    into: (id, ...types) => select(inTo.get(id), types),
    labelOf: (id) => id.slice(0, id.indexOf(':')) as NodeLabel, // an id is made of a label and a key
    aliases(id) {
      const found = new Set([id]);
      for (const one of found) {
        for (const { to } of this.out(one, 'SAME_AS')) found.add(to);
        for (const { from } of this.into(one, 'SAME_AS')) found.add(from);
      }
      return [...found];
    },
  };
}

/** The key of an id. */
export function keyOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** When the earliest of an edge's claims began to hold. */
export function since({ claims }: Pick<GraphEdge, 'claims'>): number {
  return Math.min(...claims.map(({ validFrom }) => validFrom));
}

export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
