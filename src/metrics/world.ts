import type { Happening } from '../graph/read/happened.ts';
import { histogramValues, type Family } from './families.ts';
import { createNames } from './names.ts';

/** What became of a deployment, by the type of the event that says so. */
const DEPLOYMENT_OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['deployment.created', 'created'],
  ['deployment.completed', 'completed'],
  ['deployment.failed', 'failed'],
  ['deployment.rolledback', 'rolledback'],
  ['deployment.removed', 'removed'],
]);
const BUILD = 'build.completed';

/** Types of the events that are counted. */
export const COUNTED: readonly string[] = [BUILD, ...DEPLOYMENT_OUTCOMES.keys()];

const MAX_ENVIRONMENTS = 50;
const MAX_OUTCOMES = 20;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Seconds. */
const LEAD_TIMES = [
  ...[5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR],
  ...[DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY],
];

/** A count that is kept: names no series that could not be kept. */
type Key =
  | readonly ['build', outcome: string]
  | readonly ['deployment', environment: string, outcome: string]
  /** `at`: place of the bucket in LEAD_TIMES. */
  | readonly ['lead', environment: string, until: string, at: number]
  | readonly ['leadSum', environment: string, until: string];

/** Counts by key, in JSON. */
export type Counts = ReadonlyMap<string, number>;

/** What is to be added to the counts; environments and outcomes beyond what is kept are counted as `other`. */
export function tally(counts: Counts, happenings: readonly Happening[]): Map<string, number> {
  const environments = createNames(MAX_ENVIRONMENTS);
  const outcomes = createNames(MAX_OUTCOMES);
  for (const key of keysOf(counts)) (key[0] === 'build' ? outcomes : environments)(key[1]);
  const added = new Map<string, number>();
  const add = (key: Key, by = 1): void => {
    const text = JSON.stringify(key);
    added.set(text, (added.get(text) ?? 0) + by);
  };
  for (const { type, at, outcome, environment: name, committedAt } of happenings) {
    const became = DEPLOYMENT_OUTCOMES.get(type);
    if (became === undefined) {
      add(['build', outcomes(outcome ?? 'unknown')]);
      continue;
    }
    const environment = environments(name ?? 'unknown');
    add(['deployment', environment, became]);
    if (committedAt === null) continue;
    const seconds = Math.max(at - committedAt, 0) / 1_000;
    const bucket = LEAD_TIMES.findIndex((bound) => seconds <= bound);
    add(['lead', environment, became, bucket === -1 ? LEAD_TIMES.length : bucket]);
    add(['leadSum', environment, became], seconds);
  }
  return added;
}

/** @param since when counting began, ms; null where nothing was counted yet */
export function worldFamilies(counts: Counts, since: number | null): Family[] {
  const keys = keysOf(counts);
  const valueOf = (key: Key): number => counts.get(JSON.stringify(key)) ?? 0;
  const leadTime = 'stemma_lead_time_seconds';
  return [
    {
      name: 'stemma_counting_since_seconds',
      help: 'When the counting of builds and deployments began, seconds since the epoch',
      type: 'gauge',
      values: since === null ? [] : [{ labels: {}, value: since / 1_000 }],
    },
    {
      name: 'stemma_builds_total',
      help: 'Builds that ended, by the outcome that they told',
      type: 'counter',
      values: keys.flatMap((key) =>
        key[0] === 'build' ? [{ labels: { outcome: key[1] }, value: valueOf(key) }] : [],
      ),
    },
    {
      name: 'stemma_deployments_total',
      help: 'What was told of deployments: created, completed, failed, rolledback, removed',
      type: 'counter',
      values: keys.flatMap((key) =>
        key[0] === 'deployment'
          ? [{ labels: { environment: key[1], outcome: key[2] }, value: valueOf(key) }]
          : [],
      ),
    },
    {
      name: leadTime,
      help: 'From the newest commit in a deployment until it was created, or completed',
      type: 'histogram',
      values: histogramValues(
        leadTime,
        LEAD_TIMES,
        keys.flatMap((key) => {
          if (key[0] !== 'leadSum') return [];
          const [, environment, until] = key;
          const at = Array.from({ length: LEAD_TIMES.length + 1 }, (_, place) => place);
          return {
            labels: { environment, until },
            counts: at.map((place) => valueOf(['lead', environment, until, place])),
            sum: valueOf(key),
          };
        }),
      ),
    },
  ];
}

function keysOf(counts: Counts): Key[] {
  return [...counts.keys()].map((text) => JSON.parse(text) as Key); // written by tally
}
