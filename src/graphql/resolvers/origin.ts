import DataLoader from 'dataloader';
import type { EntityRecord } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId } from '../../model/node.ts';
import { askOrigins, type OriginAnswer } from '../../questions/ask/origin.ts';
import type { OriginResolvers } from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { pageOf, type PageArguments } from '../pages.ts';
import type { OriginParent } from '../parents.ts';

type OriginLoader = DataLoader<EntityRecord, OriginAnswer, string>;

const loaders = new WeakMap<Context, Map<string, OriginLoader>>();

/** Asked once for all deployments of one request that are asked about at one moment. */
export async function readOrigin(
  deployment: EntityRecord,
  at: Moment,
  context: Context,
): Promise<OriginParent> {
  const own = loaders.get(context) ?? new Map<string, OriginLoader>();
  loaders.set(context, own);
  const name = JSON.stringify(at);
  let loader = own.get(name);
  if (loader === undefined) {
    loader = new DataLoader<EntityRecord, OriginAnswer, string>(
      async (asked) => askOrigins(context, asked, at),
      { cacheKeyFn: refId },
    );
    own.set(name, loader);
  }
  return { ...(await loader.load(deployment)), scope: ['origin', refId(deployment), at] };
}

const listOf =
  (field: 'runs' | 'builds' | 'commits' | 'builders') =>
  (origin: OriginParent, args: PageArguments, context: Context) =>
    pageOf(
      origin[field].map(origin.entity),
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
