import { StemmaError } from '../../errors.ts';
import { DAY_MS, type DeploymentFacts } from '../../graph/statistics.ts';
import type { QueryStatisticsArgs, StatisticsResolvers } from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { checkNames } from '../known-names.ts';
import { toMs } from './event.ts';

/** What is asked; each field is computed where it is asked for. */
export type StatisticsParent = {
  readonly since: number;
  readonly until: number;
  readonly environment: string | null;
};

/** Longest span, so that the answer stays one that a dashboard can show. */
const MAX_DAYS = 1_100;
const MAX_DEPLOYMENTS = 20_000;
const EXAMINED = 100_000;

/** @throws StemmaError BAD_USER_INPUT; NOT_FOUND naming the nearest environments */
export async function toStatistics(
  { since, until, environment }: QueryStatisticsArgs,
  { reader, now }: Pick<Context, 'reader' | 'now'>,
): Promise<StatisticsParent> {
  const from = toMs(since) ?? 0;
  const to = toMs(until) ?? now();
  if (from < to && to - from <= MAX_DAYS * DAY_MS) {
    const asked = typeof environment === 'string' ? [environment] : null;
    await checkNames(reader, 'Environment', asked, 'environment');
    return { since: from, until: to, environment: environment ?? null };
  }
  throw new StemmaError(
    'BAD_USER_INPUT',
    `'since' must be before 'until', by at most ${MAX_DAYS} days.`,
    { details: { path: 'since', limit: MAX_DAYS } },
  );
}

export const statistics: StatisticsResolvers = {
  things: async (_, _args, { reader }) => reader.countsByLabel(),
  events: async (span, _, { reader }) => reader.eventCounts(span),
  deployments: async (span, _, { reader, history }) => {
    const standing = (await history?.standing(null)) ?? new Map<string, never>();
    const most = MAX_DEPLOYMENTS + 1;
    return summarise(span, await reader.deploymentFacts({ ...span, most }, standing));
  },
  unresolved: async (_, _args, { reader }) => reader.unresolvedCounts(EXAMINED),
  attestations: async (_, _args, { reader }) => reader.trustCounts(EXAMINED),
};

export function summarise(
  { since, until }: Pick<StatisticsParent, 'since' | 'until'>,
  facts: readonly DeploymentFacts[],
) {
  const looked = facts.slice(0, MAX_DEPLOYMENTS);
  const changes = looked.filter((one) => !one.rollback);
  const failed = changes.filter((one) => one.failed).length;
  const succeeded = changes.length - failed;
  const rolledBack = changes.filter((one) => one.rolledBack && !one.failed).length;
  const leadTimes = changes.flatMap(({ at, committedAt, failed: isFailed }) =>
    committedAt === null || isFailed ? [] : [Math.max(at - committedAt, 0) / 1_000],
  );
  const days = Map.groupBy(changes, ({ at }) => Math.floor(at / DAY_MS) * DAY_MS);
  return {
    succeeded,
    failed,
    rolledBack,
    perDay: succeeded / ((until - since) / DAY_MS),
    changeFailureRate: changes.length === 0 ? null : (failed + rolledBack) / changes.length,
    medianLeadTimeSeconds: median(leadTimes),
    withCommit: leadTimes.length,
    days: [...days]
      .sort(([a], [b]) => a - b)
      .map(([day, group]) => {
        const bad = group.filter((one) => one.failed).length;
        return { day, succeeded: group.length - bad, failed: bad };
      }),
    complete: facts.length <= MAX_DEPLOYMENTS,
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}
