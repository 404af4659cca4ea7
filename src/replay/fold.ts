import { stampFor, stampOf, type LogEntry } from '../graph/write/rows.ts';
import type { EdgeEnding } from '../model/change.ts';
import { validFromOf, type EdgeType } from '../model/edge.ts';
import { takeFacets, type Facet } from '../model/facets.ts';
import { claimsOf } from '../model/implied.ts';
import {
  CONFLICT_AT,
  identityStates,
  isFileIdentity,
  NEVER_VALID,
  type IdentityState,
} from '../model/identity-conflict.ts';
import {
  NAME_ONLY_LABELS,
  NODE_FACETS,
  refId,
  type NodeLabel,
  type NodeRef,
} from '../model/node.ts';

/**
 * What the log says, folded in memory by the rules of design section 4 and independently of the statements that write it to
 * Neo4j: the graph is right when it has exactly these nodes, edges and withdrawals.
 */
export type Folded = {
  /** `Label:key` → node. */
  readonly nodes: ReadonlyMap<string, FoldedNode>;
  /** edgeId → edge. */
  readonly edges: ReadonlyMap<string, FoldedEdge>;
  /** Claim → its endings. */
  readonly withdrawals: ReadonlyMap<string, Properties>;
};

export type Properties = Readonly<Record<string, unknown>>;
export type FoldedNode = { readonly label: NodeLabel; readonly properties: Properties };
export type FoldedEdge = {
  readonly from: string;
  readonly type: EdgeType;
  readonly to: string;
  readonly properties: Properties;
};

export interface Fold {
  /** Takes in what one event, or one document, says; in any order, and any number of times. */
  add(entry: LogEntry): void;
  finish(): Folded;
}

type Ending = { readonly validFrom: number; readonly knownFrom: number };
type Endings = Map<string, Ending>;
type Node = {
  readonly ref: NodeRef;
  resolved: boolean;
  readonly facets: Map<string, Facet>;
  readonly endings: Endings;
};
type Edge = {
  readonly from: string;
  readonly type: EdgeType;
  readonly to: string;
  readonly claim: string;
  /** Null for an edge of which only an ending is known. */
  said: { validFrom: number; knownFrom: number; claimant: string; properties: Properties } | null;
  readonly endings: Endings;
};

/** An edge of which a conflict at one of its ends may be learnt from edges of another pass. */
type Identity = {
  readonly from: NodeRef;
  readonly to: NodeRef;
  readonly claim: string;
  n: number | null;
  ended: boolean;
};

/**
 * @param owns whether a node or edge, by its id, is folded here: to fold a large log in several passes. What the conflicts of
 * digests are found by (a few words for each claim of SAME_AS and PACKAGED_AS) is held in every pass.
 */
export function createFold(owns: (id: string) => boolean = () => true): Fold {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  const withdrawals = new Map<string, Endings>();
  const identities = new Map<string, Identity>();

  /** The node, once it is mentioned at all; null where another pass has it. */
  const nodeOf = (ref: NodeRef): Node | null => {
    const id = refId(ref);
    if (!owns(id)) return null;
    let node = nodes.get(id);
    if (node === undefined) {
      node = { ref, resolved: false, facets: new Map(), endings: new Map() };
      nodes.set(id, node);
    }
    return node;
  };
  const mention = (ref: NodeRef): Node | null => {
    const node = nodeOf(ref);
    if (node !== null && NAME_ONLY_LABELS.has(ref.label)) node.resolved = true;
    return node;
  };
  const identityOf = ({ type, from, to, claim }: EdgeEnding): Identity | null => {
    if (!isFileIdentity(type, from.label, to.label)) return null;
    const id = edgeId(refId(from), type, refId(to), claim);
    let identity = identities.get(id);
    if (identity === undefined) {
      identity = { from, to, claim, n: null, ended: false };
      identities.set(id, identity);
    }
    return identity;
  };
  const edgeOf = ({ type, from, to, claim }: EdgeEnding): Edge | null => {
    mention(from);
    mention(to);
    const id = edgeId(refId(from), type, refId(to), claim);
    if (!owns(id)) return null;
    let edge = edges.get(id);
    if (edge === undefined) {
      edge = { type, claim, from: refId(from), to: refId(to), said: null, endings: new Map() };
      edges.set(id, edge);
    }
    return edge;
  };

  return {
    add({ changes, identity, n, at, source, tie }) {
      const stamp = stampOf(at, tie);
      const claimOf = claimsOf(changes, identity);
      for (const change of changes.nodes) {
        const node = nodeOf(change);
        if (node === null) continue;
        if (change.resolved) node.resolved = true;
        takeFacets(node.facets, change.facets, stampFor(change.label, stamp));
      }
      for (const change of changes.edges) {
        const { type, from, to, properties = {} } = change;
        const which = { type, from, to, claim: claimOf(change) };
        const hop = identityOf(which);
        if (hop !== null) hop.n = Math.min(n, hop.n ?? n);
        const edge = edgeOf(which);
        if (edge === null) continue;
        const validFrom = validFromOf(type, changes.validFrom ?? at);
        const said = edge.said;
        if (said === null) edge.said = { validFrom, knownFrom: n, claimant: source, properties };
        else {
          said.validFrom = Math.min(said.validFrom, validFrom);
          if (n < said.knownFrom) {
            Object.assign(said, { knownFrom: n, claimant: source, properties });
          }
        }
      }
      const end = (endings: Endings | undefined, since = at): void => {
        if (endings !== undefined && !endings.has(identity))
          endings.set(identity, { validFrom: since, knownFrom: n });
      };
      for (const ending of changes.edgeEndings ?? []) {
        const hop = identityOf(ending);
        if (hop !== null) hop.ended = true;
        end(edgeOf(ending)?.endings);
      }
      for (const ref of changes.nodeEndings ?? []) end(mention(ref)?.endings, ref.at);
      for (const claim of changes.endsClaims) {
        let endings = withdrawals.get(claim);
        if (endings === undefined) withdrawals.set(claim, (endings = new Map<string, Ending>()));
        end(endings);
      }
    },

    finish() {
      const states = identityStates(
        [...identities.values()].map(({ from, to, claim, n, ended }) => ({
          between: [from, to],
          n,
          ended: ended || withdrawals.has(claim),
        })),
      );
      return {
        nodes: new Map([...nodes].map(([id, node]) => [id, toNode(node, states.get(id))])),
        edges: new Map(
          [...edges].map(([id, edge]) => [id, toEdge(edge, withdrawals.get(edge.claim), states)]),
        ),
        withdrawals: new Map(
          [...withdrawals]
            .filter(([claim]) => owns(`Withdrawal:${claim}`))
            .map(([claim, endings]) => [claim, toWithdrawal(claim, endings)]),
        ),
      };
    },
  };
}

/** Those of what events said are marked: cypher/write/log/withdraw.cypher. */
function toWithdrawal(claim: string, endings: Endings): Properties {
  const properties = { key: claim, ...toProperties(endings) };
  return claim.includes(' ') ? { ...properties, ofEvent: true } : properties;
}

type States = ReadonlyMap<string, IdentityState>;

/** Which claim of which edge; no key has a control character. */
export function edgeId(from: string, type: string, to: string, claim: string): string {
  return [from, type, to, claim].join('\n');
}

function toNode({ ref, resolved, facets, endings }: Node, state?: IdentityState): FoldedNode {
  const properties: Record<string, unknown> = { key: ref.key };
  if (resolved) properties['resolved'] = true;
  for (const [name, facet] of facets) {
    properties[`s_${name}`] = facet.stamp;
    const all = (NODE_FACETS[ref.label] as Record<string, readonly string[]>)[name] ?? [];
    for (const property of all) put(properties, property, facet.properties[property]);
  }
  for (const [name, value] of Object.entries(state ?? {})) put(properties, name, value);
  return { label: ref.label, properties: { ...properties, ...toProperties(endings) } };
}

function toEdge(
  { from, type, to, claim, said, endings }: Edge,
  withdrawn: Endings | undefined,
  states: States,
): FoldedEdge {
  const properties: Record<string, unknown> = { claim };
  if (said !== null) {
    const { properties: further, ...times } = said;
    Object.assign(properties, times);
    for (const name in further) put(properties, name, further[name]);
  }
  // a withdrawn claim ends what it said, and an alias that only its withdrawal mentions was never said
  const all: Endings = new Map(said === null ? [] : withdrawn);
  for (const [by, ending] of endings) all.set(by, ending);
  const isEnded = all.size > 0;
  for (const [end, id] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (said === null || !isFileIdentity(type, labelOf(from), labelOf(to))) break;
    const state = states.get(id);
    const since = (isEnded ? state?.conflictEver : state?.conflictSince) ?? null;
    if (since !== null) all.set(CONFLICT_AT[end], { validFrom: NEVER_VALID, knownFrom: since });
  }
  return { from, type, to, properties: { ...properties, ...toProperties(all) } };
}

function labelOf(id: string): NodeLabel {
  return id.slice(0, id.indexOf(':')) as NodeLabel; // an id is made of a label and a key
}

function toProperties(endings: Endings): Record<string, unknown> {
  if (endings.size === 0) return {};
  const sorted = [...endings].sort(([x], [y]) => (x < y ? -1 : 1));
  return {
    endBy: sorted.map(([by]) => by),
    endValid: sorted.map(([, { validFrom }]) => validFrom),
    endKnown: sorted.map(([, { knownFrom }]) => knownFrom),
  };
}

/** Neo4j keeps no property without a value. */
function put(properties: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== null && value !== undefined) properties[name] = value;
}
