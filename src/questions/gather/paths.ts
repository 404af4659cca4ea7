import type { EntityRecord } from '../../graph/read/records.ts';
import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import { LINEAGE_TYPES, type EdgeType } from '../../model/edge.ts';
import type { NodeLabel } from '../../model/node.ts';
import { isAboutVersions } from '../distributions.ts';
import { isIndexType } from '../evidence.ts';
import { append } from '../subgraph.ts';
import { gatherPackages } from './advisories.ts';

/** What of its neighbourhood a thing needs for questions about its origin. */
export const CONTENT_TYPES: readonly EdgeType[] = [
  'DEPLOYS',
  'RESOLVED_TO',
  'SAME_AS',
  'PACKAGED_AS',
  'CONTAINS',
];

/** How what is deployed is known: under which names, and what a tag stood for. */
const RUN_TYPES: readonly EdgeType[] = CONTENT_TYPES.filter((type) => type !== 'CONTAINS');

/** Gathers what deployments run, with the images of an index and no other contents; returns the numbers of it. */
export async function gatherRun(
  builder: SubgraphBuilder,
  deployments: readonly number[],
): Promise<number[]> {
  const up = { direction: 'up', contents: false } as const;
  const run = await builder.walk(deployments, { ...up, types: RUN_TYPES });
  await builder.load();
  const indexes = [...run].filter((id) => isIndexType(builder.get(id)?.['mediaType']));
  if (indexes.length === 0) return [...run];
  const images = await builder.walk(indexes, { ...up, types: CONTENT_TYPES });
  return [...new Set([...run, ...images])];
}

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

/** What things were derived from, by number. */
export type Above = ReadonlyMap<number, readonly number[]>;

/**
 * Gathers all that things were derived from: everything that a path can lead through to them from wherever (`gatherPaths`, where it is not
 * known yet where paths begin), and no edges but those of names.
 */
export async function gatherAbove(
  builder: SubgraphBuilder,
  ends: readonly number[],
): Promise<Above> {
  const all = new Map<number, readonly number[]>();
  for (let fresh = [...ends]; fresh.length > 0;) {
    const above = await builder.above(fresh, LINEAGE_TYPES);
    const added = [...above.keys()].filter((id) => !all.has(id));
    for (const [id, ups] of above) all.set(id, ups);
    const [names, made] = await Promise.all([
      builder.names(added, true),
      builder.beside(added, MADE.up),
    ]);
    fresh = [...new Set([...names, ...made])].filter((id) => !all.has(id));
  }
  return all;
}

/**
 * Gathers the edges of every path from things to what was derived from them, of what is above.
 *
 * @param beside names, and what a build may have made: pairs between which a path may go either way
 */
export async function gatherBelow(
  builder: SubgraphBuilder,
  above: Above,
  starts: readonly number[],
  beside: readonly (readonly [number, number])[],
): Promise<void> {
  const downs = new Map<number, number[]>();
  for (const [id, ups] of above) for (const up of ups) append(downs, up, id);
  for (const [one, other] of beside) {
    append(downs, one, other);
    append(downs, other, one);
  }
  const reached = new Set(starts);
  for (const id of reached) for (const down of downs.get(id) ?? []) reached.add(down);
  await builder.among([...reached], LINEAGE_TYPES);
}

/**
 * Gathers every path between the starts and the deployments that were derived from them, and returns what is on them. Paths may lead from
 * a package version to its files, and from a file to what has its version inside: see questions/distributions.ts.
 */
export async function gatherPaths(
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
    // from a file to its version, and on to another file of it, there is no path
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
