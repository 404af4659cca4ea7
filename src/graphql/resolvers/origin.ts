import DataLoader from 'dataloader';
import type { EntityRecord } from '../../graph/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId } from '../../model/node.ts';
import { originOf, type Origin } from '../../questions/origin.ts';
import type { OriginResolvers } from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import type { PageArguments } from '../pages.ts';
import { gatherOrigin } from './gaps.ts';
import { withLabel } from './gather.ts';
import { gathered, pageOf, type Gathered } from './question.ts';

export type OriginAnswer = Origin & {
  readonly answer: Gathered;
  readonly scope: readonly unknown[];
};

type OriginLoader = DataLoader<EntityRecord, OriginAnswer, string>;

const loaders = new WeakMap<Context, Map<string, OriginLoader>>();

/** What deployments run and where that comes from: gathered once for all of them that are asked about at one moment. */
export async function readOrigin(
  deployment: EntityRecord,
  at: Moment,
  context: Context,
): Promise<OriginAnswer> {
  const own = loaders.get(context) ?? new Map<string, OriginLoader>();
  loaders.set(context, own);
  const name = JSON.stringify(at);
  let loader = own.get(name);
  if (loader === undefined) {
    loader = new DataLoader<EntityRecord, OriginAnswer, string>(
      async (asked) => gatherOrigins(asked, at, context),
      {
        cacheKeyFn: refId,
      },
    );
    own.set(name, loader);
  }
  return loader.load(deployment);
}

async function gatherOrigins(
  deployments: readonly EntityRecord[],
  at: Moment,
  { reader }: Context,
): Promise<OriginAnswer[]> {
  const builder = reader.subgraph(at);
  for (const deployment of deployments) builder.add(deployment);
  const ids = deployments.map(({ internal }) => internal);
  await gatherOrigin(builder, ids, false);
  const artifacts = await withLabel(builder, 'Artifact');
  await builder.beside(artifacts, { out: ['DISTRIBUTION_OF'], into: [] });
  const answer = await gathered(builder);
  return deployments.map((deployment) => ({
    ...originOf(answer.graph, refId(deployment)),
    ...{ answer, scope: ['origin', refId(deployment), at] },
  }));
}

const listOf =
  (field: 'runs' | 'builds' | 'commits' | 'builders') =>
  (origin: OriginAnswer, args: PageArguments, context: Context) =>
    pageOf(
      origin[field].map(origin.answer.entity),
      (entity) => refId(entity),
      [...origin.scope, field],
      args,
      context,
    );

export const origin: OriginResolvers = {
  runs: listOf('runs'),
  builds: listOf('builds'),
  commits: listOf('commits'),
  builders: listOf('builders'),
};
