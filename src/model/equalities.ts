/** Two things, by their ids, that are said to be one; first said at log number `n`. */
export type Equality = { readonly a: string; readonly b: string; readonly n: number };

/** Thing → what it is said to be one with → log number. */
type Equalities = Map<string, Map<string, number>>;
/** Of one digest: how far things are from it, and the least log number at which there was such a shortest way. */
type Distances = ReadonlyMap<string, { readonly steps: number; readonly n: number }>;

/**
 * Things that lie between two digests of one algorithm, with the log number since which they do. One claim on the way from the one
 * digest to the other is wrong, and nobody knows which, so that none of what lies between holds. The shortest ways count first: what
 * they take out of question no longer joins anything, and contradicts nothing further. A pure function of the set of ways.
 *
 * @param algorithmOf of a thing that is a digest; null for one that may have digests, such as a package version
 */
export function contradicted(
  equalities: readonly Equality[],
  algorithmOf: (id: string) => string | null,
): Map<string, number> {
  const graph = graphOf(equalities);
  const found = new Map<string, number>();
  const classes = classesOf(graph, graph.keys());
  for (let members = classes.pop(); members !== undefined; members = classes.pop()) {
    const between = shortest(graph, digestsTold(members, algorithmOf));
    if (between.size === 0) continue;
    for (const [id, n] of between) {
      found.set(id, n);
      for (const other of graph.get(id)?.keys() ?? []) graph.get(other)?.delete(id);
      graph.delete(id);
    }
    classes.push(
      ...classesOf(
        graph,
        members.filter((id) => !between.has(id)),
      ),
    );
  }
  return found;
}

function graphOf(equalities: readonly Equality[]): Equalities {
  const graph: Equalities = new Map();
  const put = (from: string, to: string, n: number): void => {
    let own = graph.get(from);
    if (own === undefined) graph.set(from, (own = new Map<string, number>()));
    own.set(to, Math.min(n, own.get(to) ?? n));
  };
  for (const { a, b, n } of equalities) {
    put(a, b, n);
    put(b, a, n);
  }
  return graph;
}

function classesOf(graph: Equalities, of: Iterable<string>): string[][] {
  const seen = new Set<string>();
  const classes: string[][] = [];
  for (const start of of) {
    if (seen.has(start)) continue;
    const members = [start];
    seen.add(start);
    for (const id of members) {
      for (const other of graph.get(id)?.keys() ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        members.push(other);
      }
    }
    if (members.length > 2) classes.push(members);
  }
  return classes;
}

/** Digests of a class by algorithm, of those algorithms that it has two of. */
function digestsTold(
  members: readonly string[],
  algorithmOf: (id: string) => string | null,
): readonly (readonly string[])[] {
  const byAlgorithm = Map.groupBy(members, algorithmOf);
  byAlgorithm.delete(null);
  return [...byAlgorithm.values()].filter(({ length }) => length > 1);
}

/** What lies on the shortest ways between two digests of one list. */
function shortest(graph: Equalities, told: readonly (readonly string[])[]): Map<string, number> {
  const distances = new Map(told.flat().map((digest) => [digest, distancesFrom(graph, digest)]));
  const pairs = told.flatMap((digests) =>
    digests.flatMap((a, at) =>
      digests.slice(at + 1).map((b) => ({ a, b, steps: distances.get(a)?.get(b)?.steps ?? 0 })),
    ),
  );
  const least = pairs.reduce((steps, pair) => Math.min(steps, pair.steps), Infinity);
  const between = new Map<string, number>();
  for (const { a, b, steps } of pairs) {
    if (steps > least) continue;
    for (const [id, fromA] of distances.get(a) ?? []) {
      const fromB = distances.get(b)?.get(id);
      if (id === a || id === b || fromB === undefined || fromA.steps + fromB.steps > steps)
        continue;
      const n = Math.max(fromA.n, fromB.n);
      between.set(id, Math.min(n, between.get(id) ?? n));
    }
  }
  return between;
}

function distancesFrom(graph: Equalities, start: string): Distances {
  const found = new Map([[start, { steps: 0, n: 0 }]]);
  for (const [id, { steps, n }] of found) {
    for (const [other, since] of graph.get(id) ?? []) {
      const known = found.get(other);
      const way = { steps: steps + 1, n: Math.max(n, since) };
      if (known === undefined) found.set(other, way);
      else if (known.steps === way.steps && way.n < known.n) found.set(other, way);
    }
  }
  return found;
}
