import { resolutionAt } from '../../model/tags.ts';

/**
 * Walks through tags that moved. Which way leads on from such a tag depends on how it was entered, so that it is as many places as
 * there are ways to enter it: upstream one for each of its resolutions, downstream one for each thing that it resolved to. Pure;
 * nodes go by their internal numbers, places within tags by negative ones.
 */

/** When a tag resolved to what, one for each claim. */
export type Resolution = { readonly target: number; readonly since: number };
/** Of the tags that have resolved to several things. */
export type MovedTags = ReadonlyMap<number, readonly Resolution[]>;

/** An edge in the direction of a walk. */
export type TagStep = {
  readonly from: number;
  readonly to: number;
  /** Whether it leads from a tag to what it resolved to, or back. */
  readonly isResolution: boolean;
  /** Since when its user used the tag, ms; null where it says nothing of a use, such as what an advisory is about. */
  readonly since: number | null;
};

/** A step between places. */
export type TagHop = { readonly from: number; readonly to: number; readonly step: number };

export type TagWalk = {
  /** Nodes with their least depth, the start among them, nearest first. */
  readonly depths: ReadonlyMap<number, number>;
  /** Every step that can be gone, from every place that it can be gone from. */
  readonly hops: readonly TagHop[];
  /** The steps among those given, by number, that lead from or to a moved tag and that nothing that was reached may go. */
  readonly closed: ReadonlySet<number>;
};

type Place = {
  readonly node: number;
  /** How a tag was entered; null = as itself. */ readonly by: number | null;
};

/** Everything that can be reached from `start` over `steps`, which are all edges of a plain walk of this direction. */
export function walkThroughTags(
  steps: readonly TagStep[],
  start: number,
  moved: MovedTags,
  direction: 'UPSTREAM' | 'DOWNSTREAM',
): TagWalk {
  const onwards = Map.groupBy(steps.keys(), (index) => steps[index]?.from ?? start);
  const times = new Map(
    [...moved].map(([tag, resolutions]) => [tag, resolutions.map(({ since }) => since)]),
  );
  const timeOf = (tag: number, at: number | null): number => resolutionAt(times.get(tag) ?? [], at);
  const resolves = (tag: number, target: number, time: number): boolean =>
    moved.get(tag)?.some((one) => one.target === target && one.since === time) ?? false;

  /** How a step enters a tag; null where it is not one that moved, or is entered as itself. */
  const entry = ({ from, to, isResolution, since }: TagStep): number | null => {
    if (!moved.has(to)) return null;
    if (direction === 'DOWNSTREAM') return isResolution ? from : null;
    return since === null ? null : timeOf(to, since);
  };
  const leadsOn = ({ node, by }: Place, { to, isResolution, since }: TagStep): boolean => {
    if (!moved.has(node)) return true;
    if (direction === 'UPSTREAM') {
      return !isResolution || resolves(node, to, by ?? timeOf(node, null));
    }
    return by === null || since === null || resolves(node, by, timeOf(node, since));
  };

  const places = new Map<number, Place>([[start, { node: start, by: null }]]);
  const inTags = new Map<string, number>();
  const placeOf = (step: TagStep): number => {
    const by = entry(step);
    if (by === null) return step.to;
    const name = `${step.to} ${by}`;
    let place = inTags.get(name);
    if (place === undefined) inTags.set(name, (place = -1 - inTags.size));
    return place;
  };

  const depths = new Map<number, number>([[start, 0]]);
  const hops: TagHop[] = [];
  const gone = new Set<number>();
  let frontier = [start];
  for (let depth = 1; frontier.length > 0; depth += 1) {
    const next: number[] = [];
    for (const from of frontier) {
      const place = places.get(from);
      for (const index of (place === undefined ? null : onwards.get(place.node)) ?? []) {
        const step = steps[index];
        if (place === undefined || step === undefined || !leadsOn(place, step)) continue;
        gone.add(index);
        const to = placeOf(step);
        hops.push({ from, to, step: index });
        if (!depths.has(step.to)) depths.set(step.to, depth);
        if (places.has(to)) continue;
        places.set(to, { node: step.to, by: entry(step) });
        next.push(to);
      }
    }
    frontier = next;
  }
  const closed = new Set<number>();
  steps.forEach(({ from, to }, index) => {
    if ((moved.has(from) || moved.has(to)) && !gone.has(index)) closed.add(index);
  });
  return { depths, hops, closed };
}
