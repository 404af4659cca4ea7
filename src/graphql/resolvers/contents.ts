import { refId, type NodeLabel } from '../../model/node.ts';
import { vexIn } from '../../questions/advisory.ts';
import { judgeContents } from '../../questions/contents.ts';
import type {
  ContainedVulnerabilityResolvers,
  ContentsResolvers,
  QueryContainsArgs,
} from '../__generated__/resolvers.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { toMoment } from '../moments.ts';
import type { ContainedParent, ContentsParent } from '../parents.ts';
import { gatherAdvisories } from './advisory.ts';
import { entityOf } from './lineage.ts';
import { checkLabel, CONTENT_TYPES, gathered, pageOf } from './question.ts';

/** The most things that one vulnerability names. */
const MAX_AFFECTED = 20;
const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
]);

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readContents(
  { deployment, asOf }: QueryContainsArgs,
  context: Context,
): Promise<ContentsParent> {
  const root = await entityOf('deployment', deployment, context);
  checkLabel(root, ASKED_OF, 'deployment');
  const at = toMoment(asOf);
  const builder = context.reader.subgraph(at);
  builder.add(root);
  const types = CONTENT_TYPES;
  const inside = await builder.walk([root.internal], { direction: 'up', types, contents: true });
  const things = [...new Set([...inside, ...(await builder.names([...inside], true))])];
  await builder.beside(things, { out: ['VERSION_OF'], into: ['DESCRIBES'] });
  const followed = await gatherAdvisories(builder, things, context);
  const all = await gathered(builder, followed.follow);
  const { truncated } = all;
  const judged = judgeContents(all.graph, {
    root: refId(root),
    vex: vexIn(all.graph, followed.names),
    truncated,
  });
  return { ...all, ...judged, root, scope: ['contains', refId(root), asOf ?? null] };
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
