import type { EdgeType } from '../../src/model/edge.ts';
import type { Subgraph } from '../../src/questions/subgraph.ts';
import { createSubgraph, type GraphEdge, type GraphNode } from '../../src/questions/subgraph.ts';

/**
 * Questions answered a second time, as plainly as possible: by sets and loops until nothing changes, without the walks of
 * src/questions.
 */

export type PlainEdge = readonly [from: string, type: EdgeType, to: string, time?: number];

/** A graph of `Label:key` ends; nodes are stated. */
export function graphOf(
  edges: readonly PlainEdge[],
  properties: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
  alone: readonly string[] = [],
): Subgraph {
  const nodes = new Map<string, GraphNode>();
  for (const id of [...edges.flatMap(([from, , to]) => [from, to]), ...alone]) {
    const colon = id.indexOf(':');
    nodes.set(id, {
      label: id.slice(0, colon) as GraphNode['label'],
      key: id.slice(colon + 1),
      resolved: true,
      ...properties[id],
    });
  }
  return createSubgraph(
    nodes.values(),
    edges.map(([from, type, to, time = 1]): GraphEdge => ({
      ...{ from, type, to },
      claims: [{ claim: `c ${from} ${type} ${to}`, validFrom: time, trust: 'UNVERIFIED' }],
    })),
  );
}

const WALKED = new Set<EdgeType>([
  'DEPLOYS',
  'GENERATED_BY',
  'BUILT_FROM',
  'USED',
  'CONTAINS',
  'DERIVED_FROM',
]);
const BOTH_WAYS = new Set<EdgeType>(['SAME_AS', 'PACKAGED_AS']);

/** Everything downstream of the starts that is not blocked: repeated until nothing is added. */
export function oracleDownstream(
  edges: readonly PlainEdge[],
  starts: Iterable<string>,
  options: { readonly history?: boolean; readonly blocked?: ReadonlySet<string> } = {},
): Set<string> {
  const { history = false, blocked = new Set<string>() } = options;
  const found = new Set([...starts].filter((id) => !blocked.has(id)));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [from, type, to] of edges) {
      const walked = WALKED.has(type) || BOTH_WAYS.has(type) || (history && type === 'PARENT');
      if (walked && found.has(to) && !blocked.has(from)) found.add(from);
      if (BOTH_WAYS.has(type) && found.has(from) && !blocked.has(to)) found.add(to);
    }
  }
  return found;
}

/** Every subset of at most `most` items, smallest first. */
export function* oracleSubsets(items: readonly string[], most = items.length): Generator<string[]> {
  for (let size = 0; size <= most; size += 1) {
    for (let mask = 0; mask < 2 ** items.length; mask += 1) {
      const set = items.filter((_, at) => (mask & (1 << at)) !== 0);
      if (set.length === size) yield set;
    }
  }
}

/**
 * What is tainted: the starts that are not rebuilt; what is made of something tainted; an artifact of a tainted build, unless
 * some build on known other builders only is clean. Least fixed point by rounds.
 */
export function oracleTaint(
  edges: readonly PlainEdge[],
  starts: Iterable<string>,
  bad: string,
  rebuilt: ReadonlySet<string>,
): Set<string> {
  const buildersOf = (build: string) =>
    edges.filter(([from, type]) => from === build && type === 'RAN_ON').map(([, , to]) => to);
  const buildsOf = (thing: string) =>
    edges.filter(([from, type]) => from === thing && type === 'GENERATED_BY').map(([, , to]) => to);
  const tainted = new Set([...starts].filter((id) => !rebuilt.has(id)));
  for (let before = -1; before !== tainted.size;) {
    before = tainted.size;
    for (const [from, type, to] of edges) {
      if (!WALKED.has(type) || !tainted.has(to) || rebuilt.has(from)) continue;
      if (type === 'GENERATED_BY') {
        const own = buildersOf(to);
        const clean = buildsOf(from).some((other) => {
          const builders = buildersOf(other);
          return (
            own.length > 0 &&
            builders.length > 0 &&
            builders.every((one) => !own.includes(one) && one !== bad) &&
            !tainted.has(other)
          );
        });
        if (clean) continue;
      }
      tainted.add(from);
    }
  }
  return tainted;
}
