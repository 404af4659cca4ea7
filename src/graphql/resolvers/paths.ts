import type { GraphQLResolveInfo } from 'graphql';
import { reachOf, type PathsResult } from '../../graph/paths.ts';
import type { EntityRecord } from '../../graph/records.ts';
import type {
  PathResolvers,
  PathsResolvers,
  QueryPathsArgs,
  RequireFields,
} from '../__generated__/resolvers.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { fieldsBelow } from '../selection.ts';
import { checkRange, entityOf, scopeOf } from './lineage.ts';

const MAX_PATHS = 20;

export type PathsAnswer = PathsResult & {
  readonly from: EntityRecord;
  readonly to: EntityRecord;
  readonly reach: () => Promise<{ readonly nodes: number; readonly depth: number }>;
};

type PathsArguments = RequireFields<QueryPathsArgs, 'k' | 'direction' | 'throughHistory'>;

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readPaths(
  args: PathsArguments,
  context: Context,
  info: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
): Promise<PathsAnswer> {
  checkRange('k', args.k, MAX_PATHS);
  const [from, to] = await Promise.all([
    entityOf('from', args.from, context),
    entityOf('to', args.to, context),
  ]);
  const request = {
    ...scopeOf(args),
    k: args.k,
    claims: fieldsBelow(info, 'paths', 'edges').has('claims'),
  };
  const found = await context.reader.paths(from, to, request);
  return { from, to, ...found, reach: async () => reachOf(context.reader, from, request) };
}

export const paths: PathsResolvers = {
  completeness,
  reached: async ({ paths: found, reach }) => (found.length === 0 ? reach() : null),
};

export const path: PathResolvers = { length: ({ edges }) => edges.length };
