import { StemmaError } from '../../errors.ts';
import type { PathRecord } from '../../graph/paths.ts';
import type { ClaimRecord, EntityRecord, LineageEdgeRecord } from '../../graph/records.ts';
import type { SubgraphBuilder } from '../../graph/subgraph.ts';
import { LINEAGE_TYPES, type EdgeType } from '../../model/edge.ts';
import { isLiveAt } from '../../model/liveness.ts';
import { NOW, type Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { isAboutVersions } from '../../questions/distributions.ts';
import { createSubgraph, type GraphEdge, type Subgraph } from '../../questions/subgraph.ts';
import type { Context } from '../context.ts';
import { gatherPackages } from './advisory.ts';
import { checkNames } from '../known-names.ts';
import { readPage, toConnection, toSlice, type PageArguments } from '../pages.ts';

/** The part of the graph that a question is about, with the records that answers are made of. */
export type Gathered = {
  readonly graph: Subgraph;
  readonly entity: (id: string) => EntityRecord;
  /** Whether the graph around the question is larger than this part. */
  readonly truncated: boolean;
};

/** What of its neighbourhood a thing needs for questions about its origin. */
export const CONTENT_TYPES: readonly EdgeType[] = [
  'DEPLOYS',
  'RESOLVED_TO',
  'SAME_AS',
  'PACKAGED_AS',
  'CONTAINS',
];

/** Labels that lineage does not start at by itself: what they have to do with is the first step. */
const FIRST_STEPS: Readonly<
  Partial<Record<NodeLabel, { readonly out?: EdgeType; readonly into?: EdgeType }>>
> = {
  Package: { into: 'VERSION_OF' },
  Builder: { into: 'RAN_ON' },
  Attestation: { out: 'ATTESTS' },
  Document: { out: 'DESCRIBES' },
  Identity: { into: 'SIGNED_BY' },
};

/** Gathers what a walk from a thing begins at, and returns the numbers of it. */
export async function gatherStarts(
  builder: SubgraphBuilder,
  root: EntityRecord,
): Promise<number[]> {
  builder.add(root);
  if (root.label === 'Package' || root.label === 'PackageVersion') {
    return gatherPackages(builder, [root]);
  }
  const first = FIRST_STEPS[root.label];
  if (first === undefined) return [root.internal];
  const found = await builder.beside([root.internal], {
    out: first.out === undefined ? [] : [first.out],
    into: first.into === undefined ? [] : [first.into],
  });
  if (root.label !== 'Identity') return [...found];
  const attested = await builder.beside([...found], { out: ['ATTESTS'], into: [] });
  return [...found, ...attested];
}

/** Gathers everything that was derived from the starts. */
export async function gatherDownstream(
  builder: SubgraphBuilder,
  starts: readonly number[],
  history: boolean,
): Promise<number[]> {
  const types: EdgeType[] = [...LINEAGE_TYPES, ...(history ? (['PARENT'] as const) : [])];
  return [...(await builder.walk(starts, { direction: 'down', types, contents: true }))];
}

/** What a build may have made, and what may have made something. */
const MADE = {
  down: { out: [], into: ['MAY_BE_GENERATED_BY'] },
  up: { out: ['MAY_BE_GENERATED_BY'], into: ['MAY_BE_GENERATED_BY'] },
} as const satisfies Record<string, Parameters<SubgraphBuilder['beside']>[1]>;

/**
 * Gathers every way between the starts and the deployments that were derived from them, and returns what is on them. Ways may lead from
 * a package version to its files, and from a file to what has its version inside: see questions/distributions.ts.
 */
export async function gatherWays(
  builder: SubgraphBuilder,
  root: NodeLabel,
  starts: readonly number[],
  deployments: readonly number[],
  history: boolean,
): Promise<number[]> {
  const types: EdgeType[] = [...LINEAGE_TYPES, ...(history ? (['PARENT'] as const) : [])];
  const { ids, walkedFrom } = await builder.between(starts, deployments, types);
  const reached = new Set(ids);
  for (let fresh = [...reached], isAll = true; fresh.length > 0;) {
    // from a file to its version, and on to another file of it, there is no way
    const toFiles = isAll || walkedFrom === 'ends' || isAboutVersions(root);
    const names = await builder.names(fresh, toFiles);
    const made = await builder.beside(fresh, walkedFrom === 'ends' ? MADE.up : MADE.down);
    const found = [...new Set([...names, ...made])].filter((id) => !reached.has(id));
    if (found.length === 0) break;
    isAll = made.size > 0; // a build may have made any file of the version
    const parts = [await builder.between(found, deployments, types)];
    if (walkedFrom === 'ends') parts.push(await builder.between(starts, found, types));
    fresh = [...new Set(parts.flatMap((part) => [...part.ids]))].filter((id) => !reached.has(id));
    for (const id of [...found, ...fresh]) reached.add(id);
  }
  return [...reached];
}

/** Gathers the deployments to some environments; returns the keys of those that are to be judged. */
export async function gatherDeployments(
  builder: SubgraphBuilder,
  { reader }: Pick<Context, 'reader'>,
  at: Moment,
  { environments, onlyLive }: { environments: readonly string[] | null; onlyLive: boolean },
): Promise<{ ids: number[]; keys: string[] }> {
  await checkNames(reader, 'Environment', environments, 'environments');
  if (onlyLive && at.known === NOW.known && at.valid === NOW.valid) {
    const live = await reader.live(environments);
    for (const deployment of live) builder.add(deployment);
    return sorted(live);
  }
  const all = await builder.deployments(environments);
  await builder.load();
  const records = [...all].flatMap((id) => builder.get(id) ?? []);
  const lives = onlyLive
    ? await reader.lives(
        records.map(({ key }) => key),
        at.known,
        environments === null,
      )
    : null;
  const chosen = records.filter(
    ({ key }) => lives === null || isLiveAt(lives.get(key) ?? [], at.valid),
  );
  return sorted(chosen);
}

function sorted(deployments: readonly EntityRecord[]): { ids: number[]; keys: string[] } {
  const all = deployments.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { ids: all.map(({ internal }) => internal), keys: all.map(({ key }) => key) };
}

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

/** A page of a list that is in memory, in the order of its keys, which are unique. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  scope: readonly unknown[],
  args: PageArguments,
  { cursors }: Pick<Context, 'cursors'>,
) {
  const name = JSON.stringify(scope);
  const page = readPage<string>(cursors, name, args);
  const { position, backward } = page;
  const isBehind = (item: T): boolean =>
    position === null || (backward ? keyOf(item) < position : keyOf(item) > position);
  const rest = (backward ? items.toReversed() : items).filter(isBehind);
  const slice = toSlice(rest, page.limit);
  return { ...toConnection(cursors, name, page, slice, keyOf), totalCount: items.length };
}

/** @throws StemmaError BAD_USER_INPUT where a question makes no sense for a thing of this kind */
export function checkLabel(root: EntityRecord, labels: ReadonlySet<NodeLabel>, path: string): void {
  if (labels.has(root.label)) return;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `This cannot be asked of a thing of the kind ${root.label}: give one of ${[...labels].join(', ')}.`,
    { details: { path } },
  );
}
