import { StemmaError } from '../../errors.ts';
import type { DeploymentFacts, Span, StatisticsReader } from '../../graph/read/statistics.ts';
import { isNow, type Moment } from '../../model/moment.ts';
import { checkNames, type MeaningReader } from '../gather/known-names.ts';

/** What statistics are about: times in ms; environments (keys, or names in any scope), null = all; as of which moment. */
export type StatisticsSubject = Span & {
  readonly environments: readonly string[] | null;
  readonly at: Moment;
};

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
  subject: StatisticsSubject,
): Promise<StatisticsSubject> {
  const { since, until } = subject;
  if (since >= until || until - since > MAX_DAYS * DAY_MS) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `'since' must be before 'until', by at most ${MAX_DAYS} days.`,
      { details: { path: 'since', limit: MAX_DAYS } },
    );
  }
  const { environments: asked } = subject;
  const environments = await checkNames(reader, 'Environment', asked, 'environment');
  return { ...subject, environments };
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

export function summarise({ since, until }: Span, facts: readonly DeploymentFacts[]) {
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
