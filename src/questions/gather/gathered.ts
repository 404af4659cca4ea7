import type { PathRecord } from '../../graph/lineage/paths.ts';
import type { ClaimRecord, EntityRecord, LineageEdgeRecord } from '../../graph/read/records.ts';
import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import { refId } from '../../model/node.ts';
import { createSubgraph, type GraphEdge, type Subgraph } from '../subgraph.ts';

/** The part of the graph that a question is about, with the records that answers are made of. */
export type Gathered = {
  readonly graph: Subgraph;
  readonly entity: (id: string) => EntityRecord;
  /** Whether the graph around the question is larger than this part. */
  readonly truncated: boolean;
};

/** @param follow what becomes of edges that lead into other documents */
export async function gathered(
  builder: SubgraphBuilder,
  follow: (edge: GraphEdge) => GraphEdge = (edge) => edge,
): Promise<Gathered> {
  const { nodes, edges, truncated } = await builder.finish();
  const byId = new Map(nodes.map((node) => [refId(node), node]));
  return {
    graph: createSubgraph(nodes, edges.map(follow)),
    truncated,
    entity(id) {
      const node = byId.get(id);
      if (node === undefined) throw new Error(`${id} is not part of the answer.`);
      return node;
    },
  };
}

/** Edges of a way, from one end on. */
export function toPath(
  { entity }: Gathered,
  start: string,
  edges: readonly GraphEdge[],
): PathRecord | null {
  if (edges.length === 0) return null;
  const nodes = [entity(start)];
  let at = start;
  for (const edge of edges) {
    at = edge.from === at ? edge.to : edge.from;
    nodes.push(entity(at));
  }
  return { nodes, edges: edges.map((edge) => toEdge(entity, edge)) };
}

function toEdge(entity: Gathered['entity'], edge: GraphEdge): LineageEdgeRecord {
  const claims = edge.claims as readonly ClaimRecord[]; // gathered as such, best first
  const [best] = claims;
  return {
    from: entity(edge.from),
    to: entity(edge.to),
    type: edge.type,
    trust: best?.trust ?? 'UNVERIFIED',
    claims,
  };
}
