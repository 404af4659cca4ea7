import { StemmaError } from '../../errors.ts';
import type { ClaimRecord } from '../../graph/read/records.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { checkLabel } from '../../questions/ask/check-label.ts';
import { askImpact, askIsDeployed, type ImpactAnswer } from '../../questions/ask/impact.ts';
import { toPath } from '../../questions/gather/gathered.ts';
import { groupImpact, type ImpactGroup } from '../../questions/impact-groups.ts';
import type { ImpactItem, Verdict } from '../../questions/impact-item.ts';
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
import { entityOf, toMoment } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { claimantsOf, liveFixes, matches } from './incident.ts';
import { pageOf, type PageArguments } from '../pages.ts';
import type {
  CommitDeploymentsParent,
  ImpactGroupParent,
  ImpactItemParent,
  ImpactParent,
} from '../parents.ts';
import { resolveRef } from '../references.ts';

const ONLY_DEPLOYMENTS: ReadonlySet<NodeLabel> = new Set<NodeLabel>(['Deployment']);

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readImpact(
  args: RequireFields<QueryImpactArgs, 'of' | 'onlyLive'>,
  context: Context,
): Promise<ImpactParent> {
  const root = await entityOf('of', args.of, context);
  const options = {
    history: args.throughHistory ?? root.label === 'Commit',
    versions: args.versions ?? null,
    range: args.range ?? null,
    environments: args.environments ?? null,
    onlyLive: args.onlyLive,
  };
  const answer = await askImpact(context, root, {
    ...options,
    at: await toMoment(args.asOf, context),
  });
  return { ...answer, scope: ['impact', refId(root), { ...options, asOf: args.asOf ?? null }] };
}

/** @throws StemmaError NOT_FOUND, AMBIGUOUS, BAD_USER_INPUT */
export async function readIsDeployed(
  { commit: ref, environments = null, asOf = null }: QueryIsDeployedArgs,
  context: Context,
): Promise<CommitDeploymentsParent> {
  const commit = await resolveRef(context.reader, ref);
  if (commit === null) {
    throw new StemmaError('NOT_FOUND', `There is no commit '${ref.slice(0, 80)}'.`, {
      details: { path: 'commit' },
    });
  }
  const answer = await askIsDeployed(context, commit, {
    at: await toMoment(asOf, context),
    environments,
  });
  return { ...answer, commit, scope: ['isDeployed', refId(commit), environments, asOf] };
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
  answer: ImpactAnswer,
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
  groups: (answer, { by }) =>
    groupImpact(answer.graph, answer.items, by).map((item): ImpactGroupParent => ({
      answer,
      item,
    })),
  async item(answer, { deployment }, context) {
    const one = await entityOf('deployment', deployment, context);
    checkLabel(one, ONLY_DEPLOYMENTS, 'deployment');
    const item = answer.items.find((known) => known.deployment === refId(one));
    return item === undefined ? null : { answer, item };
  },
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
  matches,
  liveFixes,
  claimants: claimantsOf,
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
