import { refId } from '../../model/node.ts';
import { askCompromise } from '../../questions/ask/compromise.ts';
import { toPath } from '../../questions/gather/gathered.ts';
import type {
  CompromiseResolvers,
  QueryCompromiseArgs,
  RequireFields,
  TaintedDeploymentResolvers,
} from '../__generated__/resolvers.ts';
import { entityOf, toMoment } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { MAX_PAGE_SIZE, pageOf } from '../pages.ts';
import type { CompromiseParent, TaintedParent } from '../parents.ts';

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readCompromise(
  args: RequireFields<QueryCompromiseArgs, 'of' | 'between' | 'onlyLive'>,
  context: Context,
): Promise<CompromiseParent> {
  const root = await entityOf('of', args.of, context);
  const { environments = null, onlyLive, asOf = null } = args;
  const [from, to] = [Date.parse(args.between.from), Date.parse(args.between.to)];
  const request = { at: await toMoment(asOf, context), from, to, environments, onlyLive };
  const answer = await askCompromise(context, root, request);
  return { ...answer, scope: ['compromise', refId(root), from, to, environments, onlyLive, asOf] };
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
