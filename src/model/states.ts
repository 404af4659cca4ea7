/**
 * The state of a build or a deployment, computed from the times of what was said of it. The latest word counts: what starts or
 * completes again after its end is not over. `scripts/generate-lineage.ts` has the same rules in Cypher, for the lists that filter
 * by state.
 */

type Properties = Readonly<Record<string, unknown>>;

const OUTCOMES = new Set(['SUCCESS', 'FAILURE', 'CANCELLED', 'ERROR']);
const PHASES = new Set(['QUEUED', 'WAITING', 'RUNNING']);

/** One of the listed outcomes, in capitals; null for any other word. */
export function listedOutcome(outcome: unknown): string | null {
  const name = typeof outcome === 'string' ? outcome.toUpperCase() : '';
  return OUTCOMES.has(name) ? name : null;
}

/** A run that was queued or started again after its end (a retry under the same URL) has no end yet. */
export function buildState(build: Properties): string | null {
  const again = isRunningAgain(build);
  if (typeof build['outcome'] === 'string' && !again) {
    return listedOutcome(build['outcome']) ?? 'UNKNOWN';
  }
  const [queued, started] = [timeOf(build, 'queuedAt'), timeOf(build, 'startedAt')];
  if (started === null) return queued === null ? null : 'QUEUED';
  return again && queued !== null && queued > started ? 'QUEUED' : 'RUNNING';
}

/** Whether the newest start (or queueing) of a build is later than its newest end. */
export function isRunningAgain(build: Properties): boolean {
  const finished = timeOf(build, 'finishedAt');
  if (finished === null) return false;
  return ['queuedAt', 'startedAt'].some((name) => (timeOf(build, name) ?? -1) > finished);
}

/** Of several words of one moment, the first of these. */
const DEPLOYMENT_WORDS = [
  ['removedAt', 'REMOVED'],
  ['rolledBackAt', 'ROLLED_BACK'],
  ['failedAt', 'FAILED'],
  ['completedAt', 'COMPLETED'],
] as const;

/** The latest end or completion, else how far it has come (queued, waiting, running, or a word that nobody listed), else that it was created. */
export function deploymentState(deployment: Properties): string | null {
  const words: (readonly [number | null, string])[] = DEPLOYMENT_WORDS.map(([property, state]) => [
    timeOf(deployment, property),
    state,
  ]);
  const { phase } = deployment;
  if (typeof phase === 'string') {
    const name = phase.toUpperCase();
    words.push([timeOf(deployment, 'phaseAt'), PHASES.has(name) ? name : 'UNKNOWN']);
  }
  let latest: readonly [number | null, string] | null = null;
  for (const word of words) if (word[0] !== null && word[0] > (latest?.[0] ?? -1)) latest = word;
  if (latest !== null) return latest[1];
  return timeOf(deployment, 'createdAt') === null ? null : 'CREATED';
}

function timeOf(properties: Properties, name: string): number | null {
  const value = properties[name];
  return typeof value === 'number' ? value : null;
}
