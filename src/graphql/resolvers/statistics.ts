import {
  askDeploymentFigures,
  checkSubject,
  type StatisticsSubject,
} from '../../questions/ask/statistics.ts';
import type { QueryStatisticsArgs, StatisticsResolvers } from '../__generated__/resolvers.ts';
import { toMs } from '../arguments.ts';
import type { Context } from '../context.ts';

/** Nodes that are looked at, for what would otherwise need all of them. */
const EXAMINED = 100_000;

/** @throws StemmaError BAD_USER_INPUT; NOT_FOUND naming the nearest environments */
export async function toStatistics(
  { since, until, environment = null }: QueryStatisticsArgs,
  { reader, now }: Pick<Context, 'reader' | 'now'>,
): Promise<StatisticsSubject> {
  return checkSubject(reader, {
    ...{ since: toMs(since) ?? 0, until: toMs(until) ?? now() },
    environments: environment === null ? null : [environment],
  });
}

/** Each field is computed where it is asked for. */
export const statistics: StatisticsResolvers = {
  things: async (_, _args, { reader }) => reader.countsByLabel(),
  events: async (span, _, { reader }) => reader.eventCounts(span),
  deployments: async (subject, _, { reader, history }) => {
    const standing = (await history?.standing(null)) ?? new Map<string, never>();
    return askDeploymentFigures(reader, subject, standing);
  },
  unresolved: async (_, _args, { reader }) => reader.unresolvedCounts(EXAMINED),
  attestations: async (_, _args, { reader }) => reader.trustCounts(EXAMINED),
};
