import type { GraphQLResolveInfo } from 'graphql';
import { askPaths, type PathsAnswer } from '../../questions/ask/paths.ts';
import type {
  PathResolvers,
  PathsResolvers,
  QueryPathsArgs,
  RequireFields,
} from '../__generated__/resolvers.ts';
import { checkRange, entityOf } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { fieldsBelow } from '../selection.ts';
import { scopeOf } from './lineage.ts';

const MAX_PATHS = 20;

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
    ...(await scopeOf(args, context)),
    k: args.k,
    claims: fieldsBelow(info, 'paths', 'edges').has('claims'),
  };
  return askPaths(context.reader, { from, to }, request);
}

export const paths: PathsResolvers = {
  completeness,
  reached: async ({ paths: found, reach }) => (found.length === 0 ? reach() : null),
};

export const path: PathResolvers = { length: ({ edges }) => edges.length };
