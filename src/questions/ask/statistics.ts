import { StemmaError } from '../../errors.ts';
import type { DeploymentFacts, Span, StatisticsReader } from '../../graph/read/statistics.ts';
import { isNow, type Moment } from '../../model/moment.ts';
import { createCalendar, type Calendar } from '../calendar.ts';
import { checkNames, type MeaningReader } from '../gather/known-names.ts';

/** What is asked for: times in ms; environments (keys, or names in any scope), null = all; as of which moment. */
type StatisticsRequest = Span & {
  readonly environments: readonly string[] | null;
  readonly at: Moment;
  /** Whose days are counted: a name of IANA. */
  readonly timeZone: string;
};

export type StatisticsSubject = StatisticsRequest & { readonly calendar: Calendar };

type Lives = Parameters<StatisticsReader['deploymentFacts']>[1];

/** What deployments were at another moment, of those that are not now what they were: src/history/standing.ts. */
export interface PastDeployments {
  deploymentsThen(at: Moment, environments: readonly string[] | null): Promise<Lives>;
}

/** What still stands of the deployments of which something was withdrawn. */
type Pasts = PastDeployments & { standing(keys: null): Promise<Lives> };

const DAY_MS = 86_400_000;
/** Longest span, so that the answer stays one that a dashboard can show. */
const MAX_DAYS = 1_100;
const MAX_DEPLOYMENTS = 20_000;

/**
 * @returns the same, with every name that its environments have
 * @throws StemmaError BAD_USER_INPUT; NOT_FOUND naming the nearest environments
 */
export async function checkSubject(
  reader: MeaningReader,
  subject: StatisticsRequest,
): Promise<StatisticsSubject> {
  const { since, until, timeZone } = subject;
  if (since >= until || until - since > MAX_DAYS * DAY_MS) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `'since' must be before 'until', by at most ${MAX_DAYS} days.`,
      { details: { path: 'since', limit: MAX_DAYS } },
    );
  }
  const calendar = createCalendar(timeZone, { since, until });
  const { environments: asked } = subject;
  const environments = await checkNames(reader, 'Environment', asked, 'environment');
  return { ...subject, environments, calendar };
}

/** Events of each day of the span, of each type that has any in it: none is a number as well. */
export async function askEventCounts(
  reader: Pick<StatisticsReader, 'eventCounts'>,
  { calendar, at }: Pick<StatisticsSubject, 'calendar' | 'at'>,
) {
  const { days, stretches } = calendar;
  const found = await Promise.all(
    stretches.map(async (stretch) => reader.eventCounts(stretch, at)),
  );
  const counts = new Map<string, Map<number, number>>();
  for (const { day, type, count } of found.flat()) {
    const ofType = counts.get(type) ?? new Map<number, number>();
    const start = calendar.dayNumbered(day);
    counts.set(type, ofType.set(start, (ofType.get(start) ?? 0) + count)); // a day may have parts in two stretches
  }
  const types = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return days.flatMap((day) =>
    types.map(([type, ofType]) => ({ day, type, count: ofType.get(day) ?? 0 })),
  );
}

/**
 * How often was deployed, how often that went wrong, and how long a change took.
 *
 * @param history null where nothing is known of what was withdrawn
 * @throws StemmaError BAD_USER_INPUT where too much has changed since the moment
 */
export async function askDeploymentFigures(
  reader: Pick<StatisticsReader, 'deploymentFacts'>,
  subject: StatisticsSubject,
  history: Pasts | null,
) {
  const { at } = subject;
  const past = isNow(at)
    ? history?.standing(null)
    : history?.deploymentsThen(at, subject.environments);
  const standing = (await past) ?? new Map<string, never>();
  const facts = await reader.deploymentFacts({ ...subject, most: MAX_DEPLOYMENTS + 1 }, standing);
  return summarise(subject, facts);
}

function summarise(
  { since, until, calendar }: Pick<StatisticsSubject, 'since' | 'until' | 'calendar'>,
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
  const byDay = Map.groupBy(changes, ({ at }) => calendar.dayOf(at));
  return {
    succeeded,
    failed,
    rolledBack,
    perDay: succeeded / ((until - since) / DAY_MS),
    changeFailureRate: changes.length === 0 ? null : (failed + rolledBack) / changes.length,
    medianLeadTimeSeconds: median(leadTimes),
    withCommit: leadTimes.length,
    days: calendar.days.map((day) => {
      const group = byDay.get(day) ?? [];
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
