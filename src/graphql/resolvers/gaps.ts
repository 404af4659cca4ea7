import { StemmaError } from '../../errors.ts';
import type { SubgraphBuilder } from '../../graph/subgraph.ts';
import type { EdgeType } from '../../model/edge.ts';
import type { NodeLabel } from '../../model/node.ts';
import { findGaps } from '../../questions/gaps.ts';
import { refId } from '../../model/node.ts';
import type {
  GapHopResolvers,
  GapReportResolvers,
  GapResolvers,
  QueryGapsArgs,
  RequireFields,
} from '../__generated__/resolvers.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { toMoment } from '../moments.ts';
import type { GapParent, GapsParent, HopParent } from '../parents.ts';
import { withLabel } from './gather.ts';
import { entityOf } from './lineage.ts';
import { checkLabel, gathered, gatherDeployments, pageOf } from './question.ts';

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
  'Build',
]);

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readGaps(
  { of, environment, materials, asOf }: RequireFields<QueryGapsArgs, 'materials'>,
  context: Context,
): Promise<GapsParent> {
  const at = toMoment(asOf);
  const builder = context.reader.subgraph(at);
  let roots: { readonly ids: readonly number[]; readonly refs: readonly string[] };
  if (typeof of === 'string' && typeof environment !== 'string') {
    const root = await entityOf('of', of, context);
    checkLabel(root, ASKED_OF, 'of');
    builder.add(root);
    roots = { ids: [root.internal], refs: [refId(root)] };
  } else if (typeof environment === 'string' && typeof of !== 'string') {
    const environments = [environment];
    const chosen = await gatherDeployments(builder, context, at, { environments, onlyLive: true });
    roots = { ids: chosen.ids, refs: chosen.keys.map((key) => `Deployment:${key}`) };
  } else {
    throw new StemmaError('BAD_USER_INPUT', "Give either 'of' or 'environment'.", {
      details: { path: 'of' },
    });
  }
  await gatherOrigin(builder, roots.ids, materials);
  const all = await gathered(builder);
  const found = findGaps(all.graph, roots.refs, { materials });
  const scope = ['gaps', of ?? null, environment ?? null, materials, asOf ?? null];
  return { ...all, ...found, scope };
}

/** Gathers what is known of where things come from, and the evidence for it. */
export async function gatherOrigin(
  builder: SubgraphBuilder,
  roots: readonly number[],
  materials: boolean,
): Promise<void> {
  const types: EdgeType[] = [
    ...(['DEPLOYS', 'RESOLVED_TO', 'SAME_AS', 'PACKAGED_AS', 'CONTAINS'] as const),
    ...(['GENERATED_BY', 'BUILT_FROM'] as const),
    ...(materials ? (['USED'] as const) : []),
  ];
  const up = await builder.walk(roots, { direction: 'up', types, contents: false });
  const versions = await withLabel(builder, 'PackageVersion', [...up]);
  await builder.names(versions, true);
  await builder.beside(versions, { out: ['MAY_BE_GENERATED_BY'], into: [] });
  const artifacts = await withLabel(builder, 'Artifact', [...up]);
  // what is said of an image index is said of its manifests
  const indexes = await builder.walk(artifacts, {
    ...{ direction: 'down', contents: false },
    types: ['CONTAINS'],
  });
  const all = await builder.walk([...indexes], {
    ...{ direction: 'up', contents: false },
    types: ['GENERATED_BY', 'BUILT_FROM', 'SAME_AS'],
  });
  const things = await withLabel(builder, 'Artifact', [...all]);
  await builder.beside(things, { out: ['SIGNED_BY'], into: ['ATTESTS', 'DESCRIBES'] });
  const attestations = await withLabel(builder, 'Attestation');
  await builder.beside(attestations, { out: ['SIGNED_BY'], into: [] });
  const builds = await withLabel(builder, 'Build');
  await builder.beside(builds, { out: ['RAN_ON'], into: [] });
}

const keyOfGap = ({ item }: GapParent) => `${item.kind} ${item.at}`;

export const gapReport: GapReportResolvers = {
  total: ({ gaps }) => gaps.length,
  gaps: (answer, { kinds, ...args }, context) =>
    pageOf(
      answer.gaps
        .filter(({ kind }) => kinds == null || kinds.includes(kind))
        .map((item): GapParent => ({ answer, item }))
        .sort((a, b) => (keyOfGap(a) < keyOfGap(b) ? -1 : 1)),
      keyOfGap,
      [...answer.scope, 'gaps', kinds ?? null],
      args,
      context,
    ),
  hops: (answer, args, context) =>
    pageOf(
      answer.hops
        .map((item): HopParent => ({ answer, item }))
        .sort((a, b) => (a.item.artifact < b.item.artifact ? -1 : 1)),
      ({ item }) => item.artifact,
      [...answer.scope, 'hops'],
      args,
      context,
    ),
  completeness,
};

export const gap: GapResolvers = {
  kind: ({ item }) => item.kind,
  at: ({ answer, item }) => answer.entity(item.at),
  missing: ({ item }) => item.missing,
};

export const gapHop: GapHopResolvers = {
  artifact: ({ answer, item }) => answer.entity(item.artifact),
  slsaBuildLevel: ({ item }) => item.level,
  claimedLevel: ({ item }) => item.claimedLevel,
  trust: ({ item }) => item.trust,
  reason: ({ item }) => item.reason,
};
