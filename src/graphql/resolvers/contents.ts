import { refId } from '../../model/node.ts';
import { askContents } from '../../questions/ask/contents.ts';
import type {
  ContainedVulnerabilityResolvers,
  ContentsResolvers,
  QueryContainsArgs,
} from '../__generated__/resolvers.ts';
import { entityOf, toMoment } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { pageOf } from '../pages.ts';
import type { ContainedParent, ContentsParent } from '../parents.ts';

/** The most things that one vulnerability names. */
const MAX_AFFECTED = 20;

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readContents(
  { deployment, asOf }: QueryContainsArgs,
  context: Context,
): Promise<ContentsParent> {
  const root = await entityOf('deployment', deployment, context);
  const answer = await askContents(context, root, await toMoment(asOf, context));
  return { ...answer, scope: ['contains', refId(root), asOf ?? null] };
}

export const contents: ContentsResolvers = {
  packageCount: ({ packages }) => packages.length,
  vulnerabilityCount: ({ vulnerabilities }) => vulnerabilities.length,
  packages: ({ packages, entity, scope }, args, context) =>
    pageOf(packages.map(entity), ({ key }) => key, [...scope, 'packages'], args, context),
  documents: ({ documents, entity, scope }, args, context) =>
    pageOf(documents.map(entity), ({ key }) => key, [...scope, 'documents'], args, context),
  vulnerabilities: (answer, args, context) =>
    pageOf(
      answer.vulnerabilities.map((item): ContainedParent => ({ answer, item })),
      ({ item }) => item.vulnerability,
      [...answer.scope, 'vulnerabilities'],
      args,
      context,
    ),
  completeness,
};

export const containedVulnerability: ContainedVulnerabilityResolvers = {
  vulnerability: ({ answer, item }) => answer.entity(item.vulnerability),
  names: ({ item }) => item.names.map((name) => name.slice('Vulnerability:'.length)),
  affects: ({ answer, item }) => item.affects.slice(0, MAX_AFFECTED).map(answer.entity),
  uncertain: ({ answer, item }) => item.doubtful.slice(0, MAX_AFFECTED).map(answer.entity),
  cleared: ({ item }) => item.cleared,
  vex: ({ item }) => item.vex,
};
