/** A directed graph to cut: who is reached from the sources over which edges. */
export type CutProblem = {
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly next: (id: string) => readonly string[];
  /** Whether a node may be cut; the others cannot. */
  readonly cuttable: (id: string) => boolean;
};

export type Cut = {
  /** A smallest set of nodes without which no source reaches any of the other targets; the ones nearest to the sources. */
  readonly nodes: readonly string[];
  /** Targets that some source reaches without passing any node that may be cut. */
  readonly uncuttable: readonly string[];
};

/**
 * Minimum vertex cut by maximum flow (Menger): every node that may be cut becomes an arc of capacity 1, every other arc is
 * unbounded. Exact for any size: the cut is as small as any set that separates sources from targets.
 */
export function minimumCut({ sources, targets, next, cuttable }: CutProblem): Cut {
  const free = reach(sources, next, (id) => !cuttable(id));
  const uncuttable = targets.filter((id) => free.has(id));
  const wanted = targets.filter((id) => !free.has(id));
  const flow = createFlow(next, cuttable);
  while (flow.augment(sources, new Set(wanted))) continue;
  return { nodes: flow.cut(sources), uncuttable };
}

/** Nodes reachable over nodes that pass; a start that does not pass is not walked. */
function reach(
  starts: readonly string[],
  next: (id: string) => readonly string[],
  passes: (id: string) => boolean,
): Set<string> {
  const found = new Set(starts.filter(passes));
  for (const id of found) for (const to of next(id)) if (passes(to)) found.add(to);
  return found;
}

/** Each node is two places, its entrance and its exit; the arc between them is what may be cut. */
function createFlow(next: (id: string) => readonly string[], cuttable: (id: string) => boolean) {
  /** Cuttable nodes that a unit of flow passes. */
  const used = new Set<string>();
  /** Node → how many units come into it from which node. */
  const flowIn = new Map<string, Map<string, number>>();

  const shift = (from: string, to: string, units: number): void => {
    const flows = flowIn.get(to) ?? new Map<string, number>();
    flowIn.set(to, flows);
    const left = (flows.get(from) ?? 0) + units;
    if (left === 0) flows.delete(from);
    else flows.set(from, left);
  };

  /** Places that the residual graph leads to, `>id` = entrance, `<id` = exit. */
  function* residual(place: string): Generator<string> {
    const id = place.slice(1);
    if (place.startsWith('>')) {
      if (!cuttable(id) || !used.has(id)) yield `<${id}`;
      for (const from of flowIn.get(id)?.keys() ?? []) yield `<${from}`; // takes flow back
    } else {
      for (const to of next(id)) yield `>${to}`;
      if (!cuttable(id) || used.has(id)) yield `>${id}`;
    }
  }

  function search(starts: readonly string[], goals: ReadonlySet<string> | null) {
    const from = new Map<string, string | null>(starts.map((id) => [`>${id}`, null]));
    for (const place of from.keys()) {
      if (goals?.has(place.slice(1)) === true && place.startsWith('>')) return { from, end: place };
      for (const to of residual(place)) if (!from.has(to)) from.set(to, place);
    }
    return { from, end: null };
  }

  return {
    /** Sends one more unit, if there is a way. */
    augment(sources: readonly string[], goals: ReadonlySet<string>): boolean {
      const { from, end } = search(sources, goals);
      if (end === null) return false;
      let place: string = end;
      for (
        let before = from.get(place);
        before !== null && before !== undefined;
        before = from.get(place)
      ) {
        const [a, b] = [before.slice(1), place.slice(1)];
        if (a === b) {
          if (before.startsWith('>')) used.add(a);
          else used.delete(a);
        } else if (before.startsWith('<')) shift(a, b, 1);
        else shift(b, a, -1);
        place = before;
      }
      return true;
    },
    /** Nodes whose entrance is reached and whose exit is not. */
    cut(sources: readonly string[]): string[] {
      const { from } = search(sources, null);
      return [...from.keys()]
        .filter((place) => place.startsWith('>') && !from.has(`<${place.slice(1)}`))
        .map((place) => place.slice(1))
        .filter(cuttable)
        .sort();
    },
  };
}
