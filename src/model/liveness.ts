/**
 * Which deployments were live when (design section 4). A deployment occupies a slot; within a slot, by effective time, it is live
 * from its `completed` (else from its `created`, unless it failed) until an explicit end or the next successful deployment of the
 * slot, unless both say `parallel`. `rolledback` ends it, and makes the one before it live again, or the one that it names. A
 * deployment of nothing ends whatever was live. Verification changes nothing.
 *
 * Nothing of this is stored: it is computed from the deployments' events, all that are known at the moment of the question, so
 * that a late event changes the answer about the past and the order of arrival changes none.
 */

export const DEPLOYMENT_FACTS = [
  'created',
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

/**
 * Every interval in which each deployment was live; deployments that never were have none.
 *
 * @param facts of whole slots: every known event of every deployment in them, in any order
 */
export function liveIntervals(facts: readonly DeploymentFact[]): Map<string, Interval[]> {
  const intervals = new Map<string, Interval[]>();
  const deployments = [...Map.groupBy(facts, ({ deployment }) => deployment)].map(([key, own]) =>
    toDeployment(key, own),
  );
  for (const { key } of deployments) intervals.set(key, []);
  for (const slot of Map.groupBy(deployments, (one) => one.slot).values()) {
    replay(slot, intervals);
  }
  return intervals;
}

export function isLiveAt(intervals: readonly Interval[], at: number): boolean {
  return intervals.some(({ from, until }) => from <= at && (until === null || at < until));
}

type Deployment = {
  readonly key: string;
  readonly slot: string;
  readonly parallel: boolean;
  readonly empty: boolean;
  readonly steps: readonly Step[];
};

type Step = {
  readonly at: number;
  readonly tie: string;
  readonly kind: 'start' | 'end' | 'rollback';
  readonly to?: string | undefined;
};

function toDeployment(key: string, facts: readonly DeploymentFact[]): Deployment {
  const sorted = facts.toSorted(byTime);
  const newest = sorted.findLast(({ kind }) => kind === 'created');
  const completed = sorted.some(({ kind }) => kind === 'completed');
  const lastFailure = sorted.findLast(({ kind }) => kind === 'failed')?.at ?? -Infinity;
  const steps = sorted.flatMap(({ kind, at, tie, to }): Step[] => {
    switch (kind) {
      case 'created':
        return completed || lastFailure >= at ? [] : [{ at, tie, kind: 'start' }];
      case 'completed':
        return [{ at, tie, kind: 'start' }];
      case 'failed':
      case 'removed':
        return [{ at, tie, kind: 'end' }];
      case 'rolledback':
        return [{ at, tie, kind: 'rollback', to: to === key ? undefined : to }];
    }
  });
  return {
    key,
    // a deployment that nobody has described yet has a slot of its own
    slot: newest?.slot ?? `? ${key}`,
    parallel: newest?.parallel === true,
    empty: newest?.empty === true,
    steps,
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
  const start = (deployment: Deployment, at: number): void => {
    if (live.has(deployment.key)) return;
    for (const key of [...live.keys()]) {
      if (!deployment.parallel || byKey.get(key)?.parallel !== true) stop(key, at);
    }
    const place = started.indexOf(deployment.key);
    if (place >= 0) started.splice(place, 1);
    started.push(deployment.key);
    ended.delete(deployment.key);
    live.set(deployment.key, at);
  };
  const clear = (at: number): void => {
    for (const key of [...live.keys()]) stop(key, at);
    for (const key of started) ended.add(key);
  };
  const rollBack = (deployment: Deployment, at: number, to: string | undefined): void => {
    const wasLive = live.has(deployment.key);
    stop(deployment.key, at);
    ended.add(deployment.key);
    const place = started.indexOf(deployment.key);
    const before = started.slice(0, Math.max(place, 0)).findLast((key) => !ended.has(key));
    const again = byKey.get(to ?? (wasLive ? (before ?? '') : ''));
    if (again !== undefined && !again.empty) start(again, at);
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
    } else if (kind === 'rollback') rollBack(deployment, at, to);
    else {
      stop(deployment.key, at);
      ended.add(deployment.key);
    }
  }
  for (const [key, from] of live) intervals.get(key)?.push({ from, until: null });
}

function byTime(
  a: { readonly at: number; readonly tie: string },
  b: { readonly at: number; readonly tie: string },
): number {
  return a.at - b.at || (a.tie < b.tie ? -1 : a.tie > b.tie ? 1 : 0);
}
