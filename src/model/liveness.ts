/**
 * Which deployments were live when (docs/decisions/0007). A deployment occupies a slot (environment, service, instance). It starts
 * when it completes. Where only its creation is told, that is its start, unless it failed, or its completion is to be expected:
 * something was told of its progress, or its source had reported completions of deployments that were not created later.
 *
 * Who ends whom, by effective time:
 * - a start ends everything in the slot; a `parallel` one (a canary) ends nothing, and lives until it is ended or a start that is
 *   not parallel takes the slot;
 * - failed, removed and rolledback end the deployment itself;
 * - rolledback also brings back the one it names, else what had the slot before, unless something else has taken the slot since;
 *   canaries stay as they are;
 * - a deployment of nothing ends whatever was live. Verification and progress end nothing.
 *
 * What is withdrawn does not speak any more from then on: a withdrawn creation ends the deployment, and without a withdrawn
 * completion, failure or rollback things are as if it had not been said.
 *
 * Nothing of this is stored: it is computed from the deployments' events, all that are known at the moment of the question, so
 * that a late event changes the answer about the past and the order of arrival changes none.
 */

export const DEPLOYMENT_FACTS = [
  'created',
  'progressed',
  'completed',
  'failed',
  'removed',
  'rolledback',
] as const;

/** What one event says of the life of one deployment. */
export type DeploymentFact = {
  /** Key of the deployment. */
  readonly deployment: string;
  readonly kind: (typeof DEPLOYMENT_FACTS)[number];
  /** Effective time, ms. */
  readonly at: number;
  /** Decides between events of the same time: the identity of the event. */
  readonly tie: string;
  /** Of `created`: environment, service, instance. */
  readonly slot?: string;
  /** Of `created`. */
  readonly parallel?: boolean;
  /** Who tells it: the event's source. */
  readonly source?: string;
  /** Since when nobody claims it any more. */
  readonly withdrawn?: number;
  /** Of `created`: nothing is deployed. */
  readonly empty?: boolean;
  /** Of `rolledback`: key of the deployment that is live again. */
  readonly to?: string;
};

/** From (inclusive) until (exclusive; null = still). */
export type Interval = { readonly from: number; readonly until: number | null };

/** Slot → text that is equal for equal slots. */
export function slotOf(environment: string, service: string | null, instance: string | null) {
  return JSON.stringify([environment, service, instance]);
}

/** When the first of the deployments was created whose completion a source reported, by source. */
export type Reporting = ReadonlyMap<string, number>;

/**
 * Every interval in which each deployment was live; deployments that never were have none.
 *
 * @param facts of whole slots: every known event of every deployment in them, in any order
 * @param reporting what is known of their sources from other slots
 */
export function liveIntervals(
  facts: readonly DeploymentFact[],
  reporting: Reporting = new Map(),
): Map<string, Interval[]> {
  const intervals = new Map<string, Interval[]>();
  const groups = [...Map.groupBy(facts, ({ deployment }) => deployment)].map(
    ([key, own]) => [key, own.toSorted(byTime)] as const,
  );
  const since = reportingIn(
    groups.map(([, own]) => own),
    reporting,
  );
  for (const [key] of groups) intervals.set(key, []);
  for (const slot of Map.groupBy(groups, ([key, own]) => slotIn(key, own)).values()) {
    for (const { from, until } of epochsOf(slot.flatMap(([, own]) => own))) {
      const then = new Map(slot.map(([key]): [string, Interval[]] => [key, []]));
      replay(
        slot.map(([key, own]) => toDeployment(key, own, since, from)),
        then,
      );
      for (const [key, own] of then) {
        const known = intervals.get(key) ?? [];
        for (const one of own) append(known, one, from, until);
      }
    }
  }
  return intervals;
}

type Epoch = { readonly from: number; readonly until: number | null };

/** The times between withdrawals: in each of them other facts stand. Nearly always one, for ever. */
function epochsOf(facts: readonly DeploymentFact[]): Epoch[] {
  const times = facts.flatMap(({ kind, withdrawn }) =>
    kind === 'created' || withdrawn === undefined ? [] : [withdrawn],
  );
  const starts = [-Infinity, ...new Set(times.toSorted((a, b) => a - b))];
  return starts.map((from, at) => ({ from, until: starts[at + 1] ?? null }));
}

/** Adds what of an interval lies in an epoch; one that goes on from the epoch before stays one. */
function append(known: Interval[], one: Interval, start: number, end: number | null): void {
  const from = Math.max(one.from, start);
  const until = end === null || (one.until !== null && one.until <= end) ? one.until : end;
  if (until !== null && until <= from) return;
  const last = known.at(-1);
  if (last?.until === from) known[known.length - 1] = { from: last.from, until };
  else known.push({ from, until });
}

/** A deployment that nobody has described yet has a slot of its own. */
function slotIn(key: string, facts: readonly DeploymentFact[]): string {
  return newest(facts, 'created')?.slot ?? `? ${key}`;
}

/** What is known of the sources from elsewhere, and from these deployments. */
function reportingIn(
  deployments: readonly (readonly DeploymentFact[])[],
  reporting: Reporting,
): Reporting {
  const since = new Map(reporting);
  for (const facts of deployments) {
    const created = newest(facts, 'created');
    const completed = newest(facts, 'completed');
    if (created === undefined || completed?.source === undefined) continue;
    const known = since.get(completed.source);
    if (known === undefined || created.at < known) since.set(completed.source, created.at);
  }
  return since;
}

export function isLiveAt(intervals: readonly Interval[], at: number): boolean {
  return intervals.some(({ from, until }) => from <= at && (until === null || at < until));
}

type Deployment = {
  readonly key: string;
  readonly parallel: boolean;
  readonly empty: boolean;
  /** Since when nobody claims that it is there. */
  readonly goneAt: number;
  readonly steps: readonly Step[];
};

type Step = {
  readonly at: number;
  readonly tie: string;
  readonly kind: 'start' | 'end' | 'rollback';
  readonly to?: string | undefined;
};

/**
 * @param sorted its facts by time
 * @param at a moment: what was withdrawn by then says nothing, but that its source reports such things
 */
function toDeployment(
  key: string,
  sorted: readonly DeploymentFact[],
  since: Reporting,
  at: number,
): Deployment {
  const standing = sorted.filter(
    ({ kind, withdrawn }) => kind === 'created' || withdrawn === undefined || withdrawn > at,
  );
  const description = newest(sorted, 'created');
  const isReported = sorted.some(({ kind }) => kind === 'completed' || kind === 'progressed');
  // that nothing is there any more is so when it is told
  const isAwaited =
    description?.source !== undefined &&
    description.empty !== true &&
    (since.get(description.source) ?? Infinity) <= description.at;
  const lastFailure = newest(standing, 'failed')?.at ?? -Infinity;
  const steps = standing.flatMap(({ kind, at: time, tie, to }): Step[] => {
    switch (kind) {
      case 'created':
        return isReported || isAwaited || lastFailure >= time
          ? []
          : [{ at: time, tie, kind: 'start' }];
      case 'progressed':
        return [];
      case 'completed':
        return [{ at: time, tie, kind: 'start' }];
      case 'failed':
      case 'removed':
        return [{ at: time, tie, kind: 'end' }];
      case 'rolledback':
        return [{ at: time, tie, kind: 'rollback', to: to === key ? undefined : to }];
    }
  });
  const created = sorted.filter(({ kind }) => kind === 'created');
  // nobody claims any more that it is there: whatever else is told of it, it is not
  const isGone = created.length > 0 && created.every(({ withdrawn }) => withdrawn !== undefined);
  const goneAt = isGone
    ? Math.max(...created.map(({ withdrawn }) => withdrawn ?? -Infinity))
    : Infinity;
  return {
    key,
    parallel: description?.parallel === true,
    empty: description?.empty === true,
    goneAt,
    steps: isGone
      ? [...steps.filter((step) => step.at < goneAt), { at: goneAt, tie: '', kind: 'end' }]
      : steps,
  };
}

/** Plays the steps of one slot in order of time, and notes when each deployment was live. */
function replay(slot: readonly Deployment[], intervals: Map<string, Interval[]>): void {
  const byKey = new Map(slot.map((deployment) => [deployment.key, deployment]));
  const live = new Map<string, number>();
  /** In order of their last start. */
  const started: string[] = [];
  const ended = new Set<string>();

  const stop = (key: string, at: number): void => {
    const from = live.get(key);
    live.delete(key);
    // what lasted no time at all was never live
    if (from !== undefined && from < at) intervals.get(key)?.push({ from, until: at });
  };
  const isParallel = (key: string): boolean => byKey.get(key)?.parallel === true;
  const begin = (key: string, at: number): void => {
    if (live.has(key)) return;
    const place = started.indexOf(key);
    if (place >= 0) started.splice(place, 1);
    started.push(key);
    ended.delete(key);
    live.set(key, at);
  };
  const start = (deployment: Deployment, at: number): void => {
    if (live.has(deployment.key)) return;
    if (!deployment.parallel) for (const key of [...live.keys()]) stop(key, at);
    begin(deployment.key, at);
  };
  const clear = (at: number): void => {
    for (const key of [...live.keys()]) stop(key, at);
    for (const key of started) ended.add(key);
  };
  /** What had the slot before a deployment, if nothing has taken it since. */
  const before = (key: string): string | undefined => {
    const place = started.indexOf(key);
    if (place < 0 || isParallel(key)) return undefined;
    if (started.slice(place + 1).some((later) => !isParallel(later))) return undefined;
    const left = started.slice(0, place).filter((earlier) => !ended.has(earlier));
    return left.findLast((earlier) => !isParallel(earlier)) ?? left.at(-1);
  };
  const rollBack = (key: string, at: number, to: string | undefined): void => {
    const again = byKey.get(to ?? before(key) ?? '');
    stop(key, at);
    ended.add(key);
    if (again === undefined || again.empty || again.goneAt <= at || live.has(again.key)) return;
    // what is brought back takes the slot from what has it, and leaves the canaries
    if (!again.parallel) {
      for (const other of [...live.keys()]) if (!isParallel(other)) stop(other, at);
    }
    begin(again.key, at);
  };

  const steps = slot.flatMap((deployment) =>
    deployment.steps.map((step) => ({ ...step, deployment })),
  );
  const firstStart = new Map(
    slot.map(({ key, steps: own }) => [key, own.find(({ kind }) => kind === 'start')?.at]),
  );
  // at one moment, first what ends what was there, then what starts, then what ends what has just started
  const rank = ({ kind, at, deployment }: (typeof steps)[number]) =>
    kind === 'start' ? 1 : (firstStart.get(deployment.key) ?? Infinity) < at ? 0 : 2;
  steps.sort((a, b) => a.at - b.at || rank(a) - rank(b) || byTime(a, b));
  for (const { kind, at, to, deployment } of steps) {
    if (kind === 'start') {
      if (deployment.empty) clear(at);
      else start(deployment, at);
    } else if (kind === 'rollback') rollBack(deployment.key, at, to);
    else {
      stop(deployment.key, at);
      ended.add(deployment.key);
    }
  }
  for (const [key, from] of live) intervals.get(key)?.push({ from, until: null });
}

function newest(sorted: readonly DeploymentFact[], kind: DeploymentFact['kind']) {
  return sorted.findLast((one) => one.kind === kind);
}

function byTime(
  a: { readonly at: number; readonly tie: string },
  b: { readonly at: number; readonly tie: string },
): number {
  return a.at - b.at || (a.tie < b.tie ? -1 : a.tie > b.tie ? 1 : 0);
}
