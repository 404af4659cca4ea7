import { refId, type NodeLabel } from '../../model/node.ts';
import { judgeCompromise } from '../../questions/compromise.ts';
import { StemmaError } from '../../errors.ts';
import type {
  CompromiseResolvers,
  QueryCompromiseArgs,
  RequireFields,
  TaintedDeploymentResolvers,
} from '../__generated__/resolvers.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { toMoment } from '../moments.ts';
import { MAX_PAGE_SIZE } from '../pages.ts';
import type { CompromiseParent, TaintedParent } from '../parents.ts';
import { withLabel } from './gather.ts';
import { entityOf } from './lineage.ts';
import {
  checkLabel,
  gathered,
  gatherDeployments,
  gatherDownstream,
  gatherStarts,
  pageOf,
  toPath,
} from './question.ts';

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Builder',
  'Identity',
  'PackageVersion',
  'Package',
  'Artifact',
  'Commit',
]);

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readCompromise(
  args: RequireFields<QueryCompromiseArgs, 'of' | 'between' | 'onlyLive'>,
  context: Context,
): Promise<CompromiseParent> {
  const root = await entityOf('of', args.of, context);
  checkLabel(root, ASKED_OF, 'of');
  const [from, to] = [Date.parse(args.between.from), Date.parse(args.between.to)];
  if (from >= to) {
    throw new StemmaError('BAD_USER_INPUT', "'between.from' must be before 'between.to'.", {
      details: { path: 'between' },
    });
  }
  const at = toMoment(args.asOf);
  const builder = context.reader.subgraph(at);
  const { keys } = await gatherDeployments(builder, context, at, {
    environments: args.environments ?? null,
    onlyLive: args.onlyLive,
  });
  const starts = await gatherStarts(builder, root);
  const reached = await gatherDownstream(builder, starts, root.label === 'Commit');
  // who else built the same
  await builder.load();
  const built = reached.filter((id) => {
    const label = builder.get(id)?.label;
    return label === 'Artifact' || label === 'PackageVersion';
  });
  const types = ['GENERATED_BY'] as const;
  const origin = await builder.walk(built, { direction: 'up', types, contents: false });
  const builds = await withLabel(builder, 'Build', [...new Set([...origin, ...reached])]);
  await builder.beside(builds, { out: ['RAN_ON'], into: [] });
  const all = await gathered(builder);
  const judged = judgeCompromise(all.graph, {
    root: refId(root),
    ...{ from, to },
    deployments: keys.map((key) => `Deployment:${key}`),
    truncated: all.truncated,
  });
  const { environments = null, onlyLive, asOf = null } = args;
  const scope = ['compromise', refId(root), from, to, environments, onlyLive, asOf];
  return { ...all, ...judged, root, scope };
}

export const compromise: CompromiseResolvers = {
  taintedCount: ({ tainted }) => tainted.length,
  cleanRebuildCount: ({ tainted }) => tainted.filter(({ cleanRebuild }) => cleanRebuild).length,
  tainted: (answer, args, context) =>
    pageOf(
      answer.tainted.map((item): TaintedParent => ({ answer, item })),
      ({ item }) => item.deployment,
      [...answer.scope, 'tainted'],
      args,
      context,
    ),
  rebuildCount: ({ rebuild }) => rebuild.length,
  rebuild: ({ rebuild, entity, scope }, args, context) =>
    pageOf(rebuild.map(entity), ({ key }) => key, [...scope, 'rebuild'], args, context),
  notCleared: ({ notCleared, entity }) => notCleared.slice(0, MAX_PAGE_SIZE).map(entity),
  completeness,
};

export const taintedDeployment: TaintedDeploymentResolvers = {
  deployment: ({ answer, item }) => answer.entity(item.deployment),
  path: ({ answer, item }) => toPath(answer, item.deployment, item.path),
  cleanRebuild: ({ item }) => item.cleanRebuild,
};
