/** An edge in the direction of the walk. */
export type Hop = { readonly from: number; readonly to: number };

export type FoundPaths = {
  /** Shortest first; each as the numbers of its hops in the given list. */
  readonly paths: readonly (readonly number[])[];
  /** False where the search was ended before it was sure that there are no shorter ones. */
  readonly exact: boolean;
};

/** Hops that one search looks at: some seconds. */
const BUDGET = 20_000_000;

/**
 * The k shortest ways without a node twice, by deviations from those that are known already. Two hops between the same nodes make
 * two ways.
 *
 * @see Yen, Finding the K Shortest Loopless Paths in a Network, 1971
 */
export function shortestPaths(
  hops: readonly Hop[],
  start: number,
  goal: number,
  k: number,
  budget = BUDGET,
): FoundPaths {
  const onwards = towards(hops, goal);
  let left = budget;
  const first = search(start, new Set(), new Set());
  if (first === null) return { paths: [], exact: left > 0 };
  const paths = [first];
  const candidates = new Map<string, number[]>();

  while (paths.length < k && left > 0) {
    const last = paths.at(-1) ?? [];
    const passed = new Set<number>();
    for (let at = 0; at < last.length && left > 0; at += 1) {
      const spur = hops[last[at] ?? 0]?.from ?? start;
      const prefix = last.slice(0, at);
      const banned = new Set(
        paths.filter((path) => startsWith(path, prefix)).map((path) => path[at] ?? -1),
      );
      const rest = search(spur, banned, passed);
      if (rest !== null) candidates.set([...prefix, ...rest].join(), [...prefix, ...rest]);
      passed.add(spur);
    }
    const [key, next] =
      [...candidates].reduce<[string, number[]] | null>(
        (best, one) => (best === null || one[1].length < best[1].length ? one : best),
        null,
      ) ?? [];
    if (key === undefined || next === undefined) break;
    candidates.delete(key);
    paths.push(next);
  }
  return { paths, exact: left > 0 };

  /** Breadth first from `from` to the goal, around what is banned; null where there is no way. */
  function search(
    from: number,
    bannedHops: ReadonlySet<number>,
    bannedNodes: ReadonlySet<number>,
  ): number[] | null {
    const via = new Map<number, number>([[from, -1]]);
    let frontier = [from];
    while (frontier.length > 0 && !via.has(goal)) {
      const next: number[] = [];
      for (const node of frontier) {
        for (const index of onwards.get(node) ?? []) {
          left -= 1;
          const to = hops[index]?.to ?? goal;
          if (via.has(to) || bannedNodes.has(to) || bannedHops.has(index)) continue;
          via.set(to, index);
          next.push(to);
        }
      }
      if (left <= 0) return null;
      frontier = next;
    }
    if (!via.has(goal)) return null;
    const path: number[] = [];
    for (let node = goal; node !== from;) {
      const index = via.get(node) ?? -1;
      path.push(index);
      node = hops[index]?.from ?? from;
    }
    return path.reverse();
  }
}

/** The hops out of every node from which the goal can be reached. */
function towards(hops: readonly Hop[], goal: number): Map<number, number[]> {
  const into = Map.groupBy(hops.keys(), (index) => hops[index]?.to ?? -1);
  const reaching = new Set([goal]);
  for (const node of reaching) {
    for (const index of into.get(node) ?? []) reaching.add(hops[index]?.from ?? node);
  }
  const onwards = new Map<number, number[]>();
  hops.forEach(({ from, to }, index) => {
    if (!reaching.has(to) || from === to) return;
    const known = onwards.get(from);
    if (known === undefined) onwards.set(from, [index]);
    else known.push(index);
  });
  return onwards;
}

function startsWith(path: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((index, at) => path[at] === index);
}
