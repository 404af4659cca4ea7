import { int, type Graph } from '../driver.ts';
import { readLineageEdges, type Reached } from './edges.ts';
import { firstStepOf, traversalsOf, type Direction, type LineageScope } from './scope.ts';
import { movedTags, stepsOf, walkSettled } from './tags.ts';
import { toEntity, type EntityRecord, type LineageEdgeRecord } from '../read/records.ts';
import { shortestPaths } from './shortest-paths.ts';
import type { Statements } from '../statement.ts';

export type PathsRequest = Omit<LineageScope, 'maxDepth'> & {
  readonly k: number;
  readonly claims: boolean;
};

/** One way: `edges[i]` connects `nodes[i]` and `nodes[i + 1]`, whichever way its arrow points. */
export type PathRecord = {
  readonly nodes: readonly EntityRecord[];
  readonly edges: readonly LineageEdgeRecord[];
};

export type PathsResult = {
  /** The direction in which they were found; null where there is none. */
  readonly direction: Direction | null;
  /** Shortest first. */
  readonly paths: readonly PathRecord[];
  /** False where there may be further ones within `k`, or shorter ones behind the first. */
  readonly exact: boolean;
};

export interface PathReader {
  /** The k shortest ways between two things; the empty one where they are the same. */
  paths(from: EntityRecord, to: EntityRecord, request: PathsRequest): Promise<PathsResult>;
}

/** Nodes among which further ways than the shortest are looked for. */
const MAX_NODES = 50_000;

type Found = { readonly ids: readonly number[]; readonly types: readonly string[] };

export function createPathReader(graph: Pick<Graph, 'read'>, statements: Statements): PathReader {
  return {
    async paths(from, to, request) {
      if (from.internal === to.internal) {
        const [traversal] = traversalsOf({ ...request, maxDepth: null });
        return {
          direction: traversal?.direction ?? null,
          paths: [{ nodes: [from], edges: [] }],
          exact: true,
        };
      }
      let exact = true;
      for (const { direction } of traversalsOf({ ...request, maxDepth: null })) {
        // lineage never leads to a builder or signer, but from one: such a way is found from its end
        const turned = firstStepOf(to) === 'context' && firstStepOf(from) !== 'context';
        const [start, goal] = turned ? [to, from] : [from, to];
        const found = await find(start, goal, {
          ...request,
          direction: turned ? opposite(direction) : direction,
        });
        exact &&= found.exact;
        if (found.paths.length === 0) continue;
        const paths = turned ? found.paths.map(reversed) : found.paths;
        return { direction, paths, exact: found.exact };
      }
      return { direction: null, paths: [], exact };
    },
  };

  async function find(
    start: EntityRecord,
    goal: EntityRecord,
    request: PathsRequest & { readonly direction: Direction },
  ): Promise<Pick<PathsResult, 'paths' | 'exact'>> {
    const direct =
      request.k === 1 && firstStepOf(start) === null ? await shortest(start, goal, request) : null;
    const { found, reached, exact } = direct ?? (await several(start, goal, request));
    if (found.length === 0) return { paths: [], exact };
    const nodes = direct?.nodes ?? (await nodesOf(found.flatMap(({ ids }) => ids)));
    const edges = await readLineageEdges(
      graph,
      statements,
      [{ ...reached, found: new Map([...nodes].map(([id, node]) => [id, { node, depth: 0 }])) }],
      { ids: [...nodes.keys()], cut: true, claims: request.claims },
    );
    const byEnds = new Map(
      edges.map((edge) => [edgeId(edge.from.internal, edge.type, edge.to.internal), edge]),
    );
    const isUpstream = request.direction === 'UPSTREAM';
    const paths = found.map(({ ids, types }) => ({
      nodes: ids.flatMap((id) => nodes.get(id) ?? []),
      edges: types.flatMap((type, at) => {
        const [a, b] = [ids[at] ?? 0, ids[at + 1] ?? 0];
        // of two edges that point at one another, the one that was walked; a context edge may point against the walk
        const [from, to] = isUpstream ? [a, b] : [b, a];
        return byEnds.get(edgeId(from, type, to)) ?? byEnds.get(edgeId(to, type, from)) ?? [];
      }),
    }));
    return { paths, exact };
  }

  /** By the database, however long it is; null where it goes through a tag that moved. */
  async function shortest(start: EntityRecord, goal: EntityRecord, request: PathsRequest) {
    const [traversal] = traversalsOf({ ...request, maxDepth: null });
    if (traversal === undefined) throw new Error('a scope without a direction');
    const rows = await graph.read(
      statements.get('path/shortest', traversal.direction, traversal.follow),
      {
        ...traversal.parameters,
        from: int(start.internal),
        to: int(goal.internal),
      },
    );
    const found = rows.map((row): Found => {
      const hops = row.get('hops') as [number, number, string][]; // as the header of the statement says
      const ends = hops.map(([from, to]) => (traversal.direction === 'UPSTREAM' ? to : from));
      return { ids: [start.internal, ...ends], types: hops.map(([, , type]) => type) };
    });
    const reached: Reached = { traversal, found: new Map(), contextual: [] };
    const nodes = await nodesOf(found.flatMap(({ ids }) => ids));
    const moved = await movedTags(graph, statements, traversal, nodes.values());
    return moved === null ? { found, reached, exact: true, nodes } : null;
  }

  /** In memory, among all that can be reached. */
  async function several(start: EntityRecord, goal: EntityRecord, request: PathsRequest) {
    const [traversal] = traversalsOf({ ...request, maxDepth: null });
    if (traversal === undefined) throw new Error('a scope without a direction');
    const options = { maxDepth: null, limit: MAX_NODES, full: false };
    const walked = await walkSettled(graph, statements, start, traversal, options);
    const reached: Reached = walked;
    const complete = (await walked.truncatedBy()) === null;
    if (!complete && walked.tags === null && firstStepOf(start) === null) {
      const first = await shortest(start, goal, request);
      if (first !== null && !walked.found.has(goal.internal)) {
        return { ...first, exact: first.found.length === 0 };
      }
    }
    const { steps, hops } = walked.tags ?? (await plainHops(reached, complete));
    // whichever way the goal is entered, it is the goal
    const ending = hops.map((hop) =>
      steps[hop.step]?.to === goal.internal ? { ...hop, to: goal.internal } : hop,
    );
    const { paths, exact } = shortestPaths(ending, start.internal, goal.internal, request.k);
    const found = paths.flatMap((path): Found[] => {
      const gone = path.flatMap((index) => steps[hops[index]?.step ?? -1] ?? []);
      const ids = [start.internal, ...gone.map(({ to }) => to)];
      // a tag is several places, and one node
      const isSimple = new Set(ids).size === ids.length;
      return isSimple ? [{ ids, types: gone.map(({ type }) => type) }] : [];
    });
    return { found, reached, exact: exact && complete };
  }

  async function plainHops(reached: Reached, complete: boolean) {
    const edges = await readLineageEdges(graph, statements, [reached], {
      ids: [...reached.found.keys()],
      cut: !complete,
      claims: false,
    });
    const steps = stepsOf(edges, reached);
    return { steps, hops: steps.map(({ from, to }, step) => ({ from, to, step })) };
  }

  async function nodesOf(ids: readonly number[]): Promise<Map<number, EntityRecord>> {
    const rows = await graph.read(statements.get('path/nodes'), {
      ids: [...new Set(ids)].map(int),
    });
    return new Map(rows.map(toEntity).map((entity) => [entity.internal, entity]));
  }
}

function edgeId(from: number, type: string, to: number): string {
  return `${from} ${type} ${to}`;
}

function opposite(direction: Direction): Direction {
  return direction === 'UPSTREAM' ? 'DOWNSTREAM' : 'UPSTREAM';
}

function reversed({ nodes, edges }: PathRecord): PathRecord {
  return { nodes: nodes.toReversed(), edges: edges.toReversed() };
}
