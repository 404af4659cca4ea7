import type { EntityRecord } from '../../graph/records.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { checkIdentifier } from '../../model/text.ts';
import {
  dependencyPaths as judge,
  nameOf,
  type Dependency,
  type DependencyPath,
  type DependencyPathsAnswer as Judged,
} from '../../questions/dependency-paths.ts';
import type {
  DependencyPathResolvers,
  DependencyPathsResolvers,
  QueryDependencyPathsArgs,
} from '../__generated__/resolvers.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { toMoment } from '../moments.ts';
import { entityOf } from './lineage.ts';
import { checkLabel, CONTENT_TYPES, gathered, pageOf, toPath, type Gathered } from './question.ts';

export type DependencyPathsAnswer = Gathered &
  Judged & { readonly root: EntityRecord; readonly scope: readonly unknown[] };
export type DependencyPathItem = {
  readonly answer: Gathered & { readonly root: EntityRecord };
  readonly item: DependencyPath;
};

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
]);

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readDependencyPaths(
  { of, package: text, asOf }: QueryDependencyPathsArgs,
  context: Context,
): Promise<DependencyPathsAnswer> {
  checkIdentifier(text.trim(), 'package');
  const root = await entityOf('of', of, context);
  checkLabel(root, ASKED_OF, 'of');
  const at = toMoment(asOf);
  const builder = context.reader.subgraph(at);
  builder.add(root);
  const walk = { direction: 'up', types: CONTENT_TYPES, contents: true } as const;
  const inside = [...(await builder.walk([root.internal], walk))];
  await builder.beside(inside, { out: [], into: ['DESCRIBES'] });
  const all = await gathered(builder);
  const claims = all.graph.edges.flatMap((edge) =>
    edge.type === 'CONTAINS' ? edge.claims.map(({ claim }) => claim) : [],
  );
  const found = await context.reader.dependencies(inside, [...new Set(claims)], at);
  const dependencies = found.flatMap(({ from, to, type, claim }): Dependency[] => {
    const [one, other] = [builder.get(from), builder.get(to)];
    if (one === undefined || other === undefined) return []; // outside of what was asked about
    return [{ from: refId(one), to: refId(other), type, claim }];
  });
  const { truncated } = all;
  const judged = judge(all.graph, refId(root), { text, dependencies, truncated });
  return { ...all, ...judged, root, scope: ['dependencyPaths', refId(root), text, asOf ?? null] };
}

/** Shortest first: the keys of a list are in the order of the list. */
const placeOf = ({ item }: DependencyPathItem): string =>
  `${String(item.edges.length).padStart(6, '0')} ${nameOf(item)}`;

export const dependencyPaths: DependencyPathsResolvers = {
  packages: ({ packages, entity, scope }, args, context) =>
    pageOf(packages.map(entity), ({ key }) => key, [...scope, 'packages'], args, context),
  paths: (answer, args, context) =>
    pageOf(
      answer.paths.map((item): DependencyPathItem => ({ answer, item })),
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
