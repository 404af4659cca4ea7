import type { ClaimRecord, EntityRecord } from '../../graph/records.ts';
import type { EdgeType } from '../../model/edge.ts';
import type { Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { tryParsePurl } from '../../model/purl.ts';
import { parseRange, type VersionRange } from '../../model/version-range.ts';
import {
  groupImpact,
  judgeImpact,
  type ImpactGroup,
  type ImpactItem,
  type Verdict,
} from '../../questions/impact.ts';
import { vexIn } from '../../questions/advisory.ts';
import { whyOf } from '../../questions/why.ts';
import type {
  CommitDeploymentsResolvers,
  EvidenceResolvers,
  ImpactGroupResolvers,
  ImpactItemResolvers,
  ImpactResolvers,
  QueryImpactArgs,
  QueryIsDeployedArgs,
  RequireFields,
  VexStatementResolvers,
} from '../__generated__/resolvers.ts';
import { StemmaError } from '../../errors.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { toMoment } from '../moments.ts';
import type {
  CommitDeploymentsParent,
  ImpactGroupParent,
  ImpactItemParent,
  ImpactParent,
} from '../parents.ts';
import type { PageArguments } from '../pages.ts';
import { resolveRef } from '../references.ts';
import { gatherConcerned } from './advisory.ts';
import { gatherNames, withLabel } from './gather.ts';
import { entityOf } from './lineage.ts';
import {
  checkLabel,
  CONTENT_TYPES,
  gathered,
  gatherDeployments,
  gatherStarts,
  gatherWays,
  pageOf,
  toPath,
} from './question.ts';

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  ...(['Vulnerability', 'Package', 'PackageVersion', 'Artifact', 'Resource', 'Commit'] as const),
  ...(['Build', 'Builder', 'Identity', 'Attestation', 'Document'] as const),
]);

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readImpact(
  args: RequireFields<QueryImpactArgs, 'of' | 'onlyLive'>,
  context: Context,
): Promise<ImpactParent> {
  const root = await entityOf('of', args.of, context);
  checkLabel(root, ASKED_OF, 'of');
  return judge(root, context, toMoment(args.asOf), {
    history: args.throughHistory ?? root.label === 'Commit',
    versions: args.versions ?? null,
    range: args.range ?? null,
    environments: args.environments ?? null,
    onlyLive: args.onlyLive,
    asOf: args.asOf ?? null,
  });
}

type Options = {
  readonly history: boolean;
  readonly versions: readonly string[] | null;
  readonly range: string | null;
  readonly environments: readonly string[] | null;
  readonly onlyLive: boolean;
  readonly asOf: unknown;
};

async function judge(
  root: EntityRecord,
  context: Context,
  at: Moment,
  options: Options,
): Promise<ImpactParent> {
  const { reader } = context;
  const versions = versionsOf(root, options);
  const builder = reader.subgraph(at);
  const { ids, keys } = await gatherDeployments(builder, context, at, options);
  const names = root.label === 'Vulnerability' ? await gatherAllNames(builder, root) : [];
  const { starts, follow, lost } =
    root.label === 'Vulnerability'
      ? await gatherConcerned(builder, names, context)
      : { starts: await gatherStarts(builder, root), follow: undefined, lost: undefined };
  const reached = await gatherWays(builder, root.label, starts, ids, options.history);
  // what is said of the deployments and of what they run
  const run = await builder.walk(ids, { direction: 'up', types: CONTENT_TYPES, contents: false });
  const things = await withLabel(builder, 'Artifact', [...new Set([...reached, ...run])]);
  await gatherEvidence(builder, root.label, things);
  await builder.beside(ids, { out: ['TARGETS'], into: [] });
  const all = await gathered(builder, follow);
  const namesOfRoot = names.flatMap((id) => {
    const name = builder.get(id);
    return name === undefined ? [] : [refId(name)];
  });
  const items = judgeImpact(all.graph, {
    root: refId(root),
    deployments: keys.map((key) => `Deployment:${key}`),
    history: options.history,
    versions,
    vex: vexIn(all.graph, namesOfRoot),
    ...(lost === undefined ? {} : { lost }),
    truncated: all.truncated,
  });
  return { ...all, root, items, names: namesOfRoot, scope: ['impact', refId(root), options] };
}

async function gatherAllNames(
  builder: ReturnType<Context['reader']['subgraph']>,
  root: EntityRecord,
): Promise<number[]> {
  builder.add(root);
  return gatherNames(builder, [root.internal]);
}

/** Which versions of the root are meant; null = all. */
function versionsOf(
  root: EntityRecord,
  { versions, range }: Pick<Options, 'versions' | 'range'>,
): VersionRange | null {
  if (versions === null && range === null) return null;
  const path = versions === null ? 'range' : 'versions';
  checkLabel(root, new Set<NodeLabel>(['Package']), path);
  if (range === null) return (version) => versions?.includes(version) ?? true;
  if (versions === null) return parseRange(tryParsePurl(root.key)?.type ?? '', range);
  throw new StemmaError(
    'BAD_USER_INPUT',
    "Versions can be asked for by 'versions' or by 'range', not by both: leave one of them out.",
    { details: { path: 'range' } },
  );
}

/** What shows that a thing has nothing to do with the root, by the root's label. */
async function gatherEvidence(
  builder: ReturnType<Context['reader']['subgraph']>,
  label: NodeLabel,
  things: readonly number[],
): Promise<void> {
  const into: EdgeType[] = ['DESCRIBES', 'ATTESTS'];
  await builder.beside(things, { out: ['SIGNED_BY'], into });
  if (label !== 'Builder' && label !== 'Commit' && label !== 'Build') return;
  const types: EdgeType[] = ['GENERATED_BY', 'BUILT_FROM'];
  const origin = await builder.walk(things, { direction: 'up', types, contents: false });
  const builds = await withLabel(builder, 'Build', [...origin]);
  await builder.beside(builds, { out: ['RAN_ON'], into: [] });
}

const countOf = ({ items }: ImpactParent, verdict: Verdict): number =>
  items.filter((item) => item.verdict === verdict).length;

const listOf =
  (verdict: Verdict) => (answer: ImpactParent, args: PageArguments, context: Context) =>
    impactPage(
      answer,
      answer.items.filter((item) => item.verdict === verdict),
      [...answer.scope, verdict],
      args,
      context,
    );

function impactPage(
  answer: ImpactItemParent['answer'],
  items: readonly ImpactItem[],
  scope: readonly unknown[],
  args: PageArguments,
  context: Context,
) {
  return pageOf(
    items.map((item): ImpactItemParent => ({ answer, item })),
    ({ item }) => item.deployment,
    scope,
    args,
    context,
  );
}

export const impact: ImpactResolvers = {
  total: ({ items }) => items.length,
  affectedCount: (answer) => countOf(answer, 'AFFECTED'),
  notAffectedCount: (answer) => countOf(answer, 'NOT_AFFECTED'),
  unknownCount: (answer) => countOf(answer, 'UNKNOWN'),
  groups: (answer) =>
    groupImpact(answer.graph, answer.items).map((item): ImpactGroupParent => ({ answer, item })),
  affected: listOf('AFFECTED'),
  notAffected: listOf('NOT_AFFECTED'),
  unknown: listOf('UNKNOWN'),
  completeness,
};

export const impactGroup: ImpactGroupResolvers = {
  environment: ({ answer, item }) =>
    item.environment === null ? null : answer.entity(item.environment),
  service: ({ answer, item }) => (item.service === null ? null : answer.entity(item.service)),
  affected: ({ item }) => item.affected,
  notAffected: ({ item }) => item.notAffected,
  unknown: ({ item }) => item.unknown,
  example: ({ answer, item }) => (item.example === null ? null : { answer, item: item.example }),
};

export const impactItem: ImpactItemResolvers = {
  deployment: ({ answer, item }) => answer.entity(item.deployment),
  verdict: ({ item }) => item.verdict,
  reason: ({ item }) => item.reason,
  detail: ({ item }) => item.detail,
  disputed: ({ item }) => item.disputed,
  path: ({ answer, item }) => toPath(answer, item.deployment, item.path),
  vex: ({ item }) => item.vex,
  why: ({ answer, item }) => whyOf(answer.graph, item, answer.names),
};

export const evidence: EvidenceResolvers = {
  // gathered as such
  claims: ({ claims }, { first }) => (claims as readonly ClaimRecord[]).slice(0, first),
};

const VEX = {
  not_affected: 'NOT_AFFECTED',
  affected: 'AFFECTED',
  fixed: 'FIXED',
  under_investigation: 'UNDER_INVESTIGATION',
} as const;

export const vexStatement: VexStatementResolvers = {
  status: ({ status }) => VEX[status],
  time: ({ at }) => at,
  event: async ({ event }, _, { loaders }) => loaders.event.load(event),
  claim: ({ event }) => event,
};

/** @throws StemmaError NOT_FOUND, AMBIGUOUS, BAD_USER_INPUT */
export async function readIsDeployed(
  { commit, environments, asOf }: QueryIsDeployedArgs,
  context: Context,
): Promise<CommitDeploymentsParent> {
  const root = await resolveRef(context.reader, commit);
  if (root === null) {
    throw new StemmaError('NOT_FOUND', `There is no commit '${commit.slice(0, 80)}'.`, {
      details: { path: 'commit' },
    });
  }
  checkLabel(root, new Set<NodeLabel>(['Commit']), 'commit');
  const answer = await judge(root, context, toMoment(asOf), {
    ...{ history: true, versions: null, range: null, onlyLive: true },
    environments: environments ?? null,
    asOf: asOf ?? null,
  });
  return { ...answer, commit: root };
}

export const commitDeployments: CommitDeploymentsResolvers = {
  environments: ({ graph, items, entity }) => {
    const byEnvironment = Map.groupBy(groupImpact(graph, items), ({ environment }) => environment);
    const sum = (groups: readonly ImpactGroup[], of: 'affected' | 'unknown') =>
      groups.reduce((total, group) => total + group[of], 0);
    return [...byEnvironment]
      .flatMap(([id, groups]) => {
        if (id === null) return [];
        const [count, unknown] = [sum(groups, 'affected'), sum(groups, 'unknown')];
        const deployed = count > 0 ? true : unknown > 0 ? null : false;
        return [{ environment: entity(id), deployed, count, unknown }];
      })
      .sort((a, b) => (a.environment.key < b.environment.key ? -1 : 1));
  },
  deployments: listOf('AFFECTED'),
  completeness,
};
