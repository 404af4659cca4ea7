import type { Changes, EdgeChange, NodeChange } from '../../model/change.ts';
import {
  IMPLIED_LABELS,
  NAME_ONLY_LABELS,
  NODE_FACETS,
  type NodeLabel,
  type NodeRef,
  type PropertyValue,
} from '../../model/node.ts';
import { validFromOf, type EdgeType } from '../../model/edge.ts';
import { claimsOf } from '../../model/implied.ts';

/** One event of a batch with what it says. */
export type LogEntry = {
  readonly identity: string;
  /** Log number. */
  readonly n: number;
  readonly acceptedAt: number;
  /** Effective time, ms. */
  readonly at: number;
  readonly source: string;
  /** Tie-break of stamps, the same for every copy of the event. */
  readonly tie: string;
  readonly changes: Changes;
};

/** A property as the driver stores it: a JavaScript integer would become a float, a bigint becomes an integer. */
export type StoredValue = Exclude<PropertyValue, number> | number | bigint;
type Stored = Record<string, StoredValue>;

/** A group of properties with the property that decides whether it is newer (`s`), and that property's value (`v`). */
export type FacetRow = { s: string; v: string | true; p: Stored };
export type NodeRow = { key: string; f: FacetRow[] };
export type EdgeRow = {
  a: string;
  b: string;
  c: string;
  p: Stored;
};
/** `by` ended the claim at valid time `v`, known since log number `k`. */
export type EdgeEndingRow = { a: string; b: string; c: string; v: bigint; k: bigint; by: string };
export type NodeEndingRow = { key: string; v: bigint; k: bigint; by: string };

/** What a batch says, merged and sorted: one group of rows for each statement of `cypher/write`. */
export type Rows = {
  /** Label → rows, sorted by key. */
  readonly nodes: ReadonlyMap<NodeLabel, NodeRow[]>;
  /** Name of the edge (`edgeName`) → rows, sorted by ends and claim. */
  readonly edges: ReadonlyMap<string, EdgeRow[]>;
  readonly edgeEndings: ReadonlyMap<string, EdgeEndingRow[]>;
  readonly nodeEndings: ReadonlyMap<NodeLabel, NodeEndingRow[]>;
  /** Claims ended as a whole, with what ended them. */
  readonly withdrawals: readonly { key: string; v: bigint; k: bigint; by: string }[];
  /** Every claim that these rows assert. */
  readonly claims: readonly string[];
};

/** Width that keeps stamps in the order of their times, also before 1970. */
const STAMP_OFFSET = 5e15;

/** A stamp: 16 digits of effective time, then the tie-break. Greater text is the newer statement. */
export function stampOf(at: number, tie: string): string {
  return `${(at + STAMP_OFFSET).toFixed(0)}${tie}`;
}

/** What is said of a node whose properties its key implies is always the same, and need not be written again. */
export function stampFor(label: NodeLabel, stamp: string): string {
  return IMPLIED_LABELS.has(label) ? stampOf(0, '') : stamp;
}

/** `USED/Build/Artifact`: what statements of one edge type between two labels are told apart by. */
export function edgeName(type: EdgeType, from: NodeLabel, to: NodeLabel): string {
  return `${type}/${from}/${to}`;
}

/** Merges what the entries say. Pure; the order of the entries does not matter. */
export function mergeChanges(entries: readonly LogEntry[]): Rows {
  const nodes = new Map<NodeLabel, Map<string, Map<string, FacetRow>>>();
  const edges = new Map<string, Map<string, EdgeRow>>();
  const edgeEndings = new Map<string, EdgeEndingRow[]>();
  const nodeEndings = new Map<NodeLabel, NodeEndingRow[]>();
  const withdrawals: Rows['withdrawals'][number][] = [];
  const claims = new Set<string>();

  const facetsOf = (label: NodeLabel, key: string): Map<string, FacetRow> => {
    let byKey = nodes.get(label);
    if (byKey === undefined) nodes.set(label, (byKey = new Map<string, Map<string, FacetRow>>()));
    let facets = byKey.get(key);
    if (facets === undefined) byKey.set(key, (facets = new Map<string, FacetRow>()));
    return facets;
  };
  const mention = ({ label, key }: NodeRef): void => {
    const facets = facetsOf(label, key);
    if (NAME_ONLY_LABELS.has(label)) facets.set('resolved', RESOLVED);
  };

  for (const entry of entries) {
    const { changes, n, at } = entry;
    const stamp = stampOf(at, entry.tie);
    for (const node of changes.nodes)
      stateNode(facetsOf(node.label, node.key), node, stampFor(node.label, stamp));

    const claimOf = claimsOf(changes, entry.identity);
    if (changes.edges.length > 0) claims.add(changes.claim ?? entry.identity);
    const said = changes.validFrom ?? at;
    for (const edge of changes.edges) {
      mention(edge.from);
      mention(edge.to);
      const name = edgeName(edge.type, edge.from.label, edge.to.label);
      let rows = edges.get(name);
      if (rows === undefined) edges.set(name, (rows = new Map<string, EdgeRow>()));
      claimEdge(rows, edge, claimOf(edge), validFromOf(edge.type, said), n, entry.source);
    }
    for (const ending of changes.edgeEndings ?? []) {
      mention(ending.from);
      mention(ending.to);
      const name = edgeName(ending.type, ending.from.label, ending.to.label);
      push(edgeEndings, name, {
        a: ending.from.key,
        b: ending.to.key,
        c: ending.claim,
        v: BigInt(at),
        k: BigInt(n),
        by: entry.identity,
      });
    }
    for (const ref of changes.nodeEndings ?? []) {
      mention(ref);
      push(nodeEndings, ref.label, {
        key: ref.key,
        v: BigInt(ref.at ?? at),
        k: BigInt(n),
        by: entry.identity,
      });
    }
    for (const ended of changes.endsClaims) {
      withdrawals.push({ key: ended, v: BigInt(at), k: BigInt(n), by: entry.identity });
    }
  }

  return {
    nodes: new Map([...nodes].map(([label, byKey]) => [label, sortedNodes(byKey)])),
    edges: new Map([...edges].map(([name, rows]) => [name, sortedEdges(rows.values())])),
    edgeEndings: new Map([...edgeEndings].map(([name, rows]) => [name, sortedEdges(rows)])),
    nodeEndings: new Map(
      [...nodeEndings].map(([label, rows]) => [label, rows.sort((x, y) => compare(x.key, y.key))]),
    ),
    withdrawals: withdrawals.sort((x, y) => compare(x.key, y.key)),
    claims: [...claims].sort(),
  };
}

const RESOLVED: FacetRow = { s: 'resolved', v: true, p: { resolved: true } };

function stateNode(facets: Map<string, FacetRow>, node: NodeChange, stamp: string): void {
  if (node.resolved) facets.set('resolved', RESOLVED);
  for (const name in node.facets) {
    const known = facets.get(name);
    if (known !== undefined && known.v >= stamp) continue;
    const s = `s_${name}`;
    const p: Stored = { [s]: stamp };
    const stated = (node.facets as Record<string, Record<string, PropertyValue>>)[name]; // keyed by its own facet names
    const all = (NODE_FACETS[node.label] as Record<string, readonly string[]>)[name] ?? [];
    // what the facet does not state is cleared, or the order of arrival would decide
    for (const property of all) p[property] = stored(stated?.[property]);
    facets.set(name, { s, v: stamp, p });
  }
}

function claimEdge(
  rows: Map<string, EdgeRow>,
  edge: EdgeChange,
  claim: string,
  validFrom: number,
  n: number,
  claimant: string,
): void {
  const a = edge.from.key;
  const b = edge.to.key;
  const id = `${a}\n${b}\n${claim}`;
  const known = rows.get(id);
  if (known === undefined) {
    const p: Stored = { validFrom: BigInt(validFrom), knownFrom: BigInt(n), claimant };
    for (const name in edge.properties) p[name] = stored(edge.properties[name]);
    rows.set(id, { a, b, c: claim, p });
    return;
  }
  // one document submitted twice in a batch: the earliest counts, as in the statement
  if (validFrom < Number(known.p['validFrom'])) known.p['validFrom'] = BigInt(validFrom);
  if (n < Number(known.p['knownFrom'])) {
    known.p['knownFrom'] = BigInt(n);
    known.p['claimant'] = claimant;
  }
}

export function stored(value: PropertyValue | undefined): StoredValue {
  if (value === undefined) return null;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

function sortedNodes(byKey: Map<string, Map<string, FacetRow>>): NodeRow[] {
  const rows: NodeRow[] = [];
  for (const [key, facets] of byKey) rows.push({ key, f: [...facets.values()] });
  return rows.sort((x, y) => compare(x.key, y.key));
}

function sortedEdges<T extends { a: string; b: string; c: string }>(rows: Iterable<T>): T[] {
  return [...rows].sort((x, y) => compare(x.a, y.a) || compare(x.b, y.b) || compare(x.c, y.c));
}

/** By code unit, like Neo4j's own order is irrelevant here: every writer must only use the same one. */
function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
