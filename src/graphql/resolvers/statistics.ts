import { StemmaError } from '../../errors.ts';
import { isNow } from '../../model/moment.ts';
import {
  askDeploymentFigures,
  askEventCounts,
  checkSubject,
  type StatisticsSubject,
} from '../../questions/ask/statistics.ts';
import type {
  QueryStatisticsArgs,
  RequireFields,
  StatisticsResolvers,
} from '../__generated__/resolvers.ts';
import { toMoment, toMs } from '../arguments.ts';
import type { Context } from '../context.ts';

/** Nodes that are looked at, for what would otherwise need all of them. */
const EXAMINED = 100_000;

/** @throws StemmaError BAD_USER_INPUT; NOT_FOUND naming the nearest environments */
export async function toStatistics(
  {
    since,
    until,
    environment = null,
    timeZone,
    asOf,
  }: RequireFields<QueryStatisticsArgs, 'timeZone'>,
  context: Pick<Context, 'reader' | 'loaders' | 'now'>,
): Promise<StatisticsSubject> {
  return checkSubject(context.reader, {
    ...{ since: toMs(since) ?? 0, until: toMs(until) ?? context.now() },
    environments: environment === null ? null : [environment],
    timeZone,
    at: await toMoment(asOf, context),
  });
}

/** Each field is computed where it is asked for. */
export const statistics: StatisticsResolvers = {
  things: async (subject, _, { reader }) => {
    checkNow(subject, 'things');
    return reader.countsByLabel();
  },
  events: async (subject, _, { reader }) => askEventCounts(reader, subject),
  deployments: async (subject, _, { reader, history }) =>
    askDeploymentFigures(reader, subject, history),
  unresolved: async (subject, _, { reader }) => {
    checkNow(subject, 'unresolved');
    return reader.unresolvedCounts(EXAMINED);
  },
  attestations: async (subject, _, { reader }) => {
    checkNow(subject, 'attestations');
    return reader.trustCounts(EXAMINED);
  },
};

/** What is counted in the graph itself is known as it is now. */
function checkNow({ at }: StatisticsSubject, field: string): void {
  if (isNow(at)) return;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `'${field}' is counted as it is now: ask for it without 'asOf'.`,
    { details: { path: 'asOf' } },
  );
}
