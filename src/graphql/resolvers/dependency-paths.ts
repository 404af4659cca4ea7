import { refId } from '../../model/node.ts';
import { askDependencyPaths } from '../../questions/ask/dependency-paths.ts';
import { nameOf } from '../../questions/dependency-paths.ts';
import { toPath } from '../../questions/gather/gathered.ts';
import type {
  DependencyPathResolvers,
  DependencyPathsResolvers,
  QueryDependencyPathsArgs,
} from '../__generated__/resolvers.ts';
import { entityOf, toMoment } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { pageOf } from '../pages.ts';
import type { DependencyPathParent, DependencyPathsParent } from '../parents.ts';

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readDependencyPaths(
  { of, package: text, asOf }: QueryDependencyPathsArgs,
  context: Context,
): Promise<DependencyPathsParent> {
  const root = await entityOf('of', of, context);
  const answer = await askDependencyPaths(context, root, text, await toMoment(asOf, context));
  return { ...answer, scope: ['dependencyPaths', refId(root), text, asOf ?? null] };
}

/** Shortest first: the keys of a list are in the order of the list. */
const placeOf = ({ item }: DependencyPathParent): string =>
  `${String(item.edges.length).padStart(6, '0')} ${nameOf(item)}`;

export const dependencyPaths: DependencyPathsResolvers = {
  packages: ({ packages, entity, scope }, args, context) =>
    pageOf(packages.map(entity), ({ key }) => key, [...scope, 'packages'], args, context),
  paths: (answer, args, context) =>
    pageOf(
      answer.paths.map((item): DependencyPathParent => ({ answer, item })),
      placeOf,
      [...answer.scope, 'paths'],
      args,
      context,
    ),
  completeness,
};

export const dependencyPath: DependencyPathResolvers = {
  claim: ({ item }) => item.claim,
  explained: ({ item }) => item.explained,
  path: ({ answer, item }) => {
    const path = toPath(answer, refId(answer.root), item.edges);
    if (path === null) throw new Error('A way to something inside has at least one edge.');
    return path;
  },
};
