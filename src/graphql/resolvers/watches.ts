import { definedVersions } from '../../model/definitions.ts';
import type { DefinedWatch } from '../../model/watches.ts';
import type {
  QueryWatchArgs,
  QueryWatchesArgs,
  WatchResolvers,
} from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { definitionFields, definitionPage, pickDefinition } from './definitions.ts';

/** @throws StemmaError BAD_USER_INPUT, PAGE_SIZE_TOO_LARGE */
export async function watchPage(args: QueryWatchesArgs, context: Context) {
  return definitionPage('watches', await allWatches(context), args, context);
}

/** Without a version: the newest. Null where there is none. */
export async function watchOf(
  { name, version = null }: QueryWatchArgs,
  context: Context,
): Promise<DefinedWatch | null> {
  return pickDefinition(await allWatches(context), name, version);
}

export const watch: WatchResolvers = {
  ...definitionFields('watch'),
  description: ({ definition }) => definition.description ?? null,
  types: ({ definition }) => definition.types,
  when: ({ definition }) => definition.when ?? null,
  action: ({ definition }) => definition.action,
};

async function allWatches({ reader }: Context): Promise<DefinedWatch[]> {
  return definedVersions(await reader.watchStatements());
}
