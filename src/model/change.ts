import type { EdgeType } from './edge.ts';
import type { EndedLabel, FacetName, NodeLabel, NodeRef, PropertyValue } from './node.ts';
import { namesNothing } from './placeholder.ts';

/** Properties of one facet; a property of the facet that is not named is cleared. */
export type FacetProperties = Readonly<Record<string, PropertyValue>>;

/** What an event says of one node. */
export type NodeChange<L extends NodeLabel = NodeLabel> = {
  readonly label: L;
  readonly key: string;
  /** True where the event states the node itself; false where it only refers to it (a placeholder). */
  readonly resolved: boolean;
  readonly facets: Readonly<Partial<Record<FacetName<L>, FacetProperties>>>;
};

/** One claim of one edge. Both ends exist once the change is written: placeholders are made where needed. */
export type EdgeChange = {
  readonly type: EdgeType;
  readonly from: NodeRef;
  readonly to: NodeRef;
  /** Further properties of the claim, such as `direct` of CONTAINS. Immutable like the claim. */
  readonly properties?: Readonly<Record<string, PropertyValue>>;
};

/** The end of one claim of one edge; it may be learnt before the claim itself. */
export type EdgeEnding = Omit<EdgeChange, 'properties'> & { readonly claim: string };

/** The end of all that a node had claimed before. @property at ms since the epoch; left out: the effective time of the event */
export type NodeEnding = NodeRef & { readonly label: EndedLabel; readonly at?: number };

/** What one event, or one document, says. Pure data; handlers return it. */
export type Changes = {
  /** What the event is about: its key is kept on the log entry, to find the event by. */
  readonly subject: NodeRef | null;
  readonly nodes: readonly NodeChange[];
  readonly edges: readonly EdgeChange[];
  /**
   * The identity of the edges' claim: null = the event itself; the sha256 of a document where the document asserts them.
   */
  readonly claim: string | null;
  /** When the edges began to hold, in ms since the epoch; null = the effective time of the event. Timeless edges hold always. */
  readonly validFrom: number | null;
  /** Claims (by identity) that this event ends as a whole, at its effective time. */
  readonly endsClaims: readonly string[];
  /** Single edges of another claim that this event ends. */
  readonly edgeEndings?: readonly EdgeEnding[];
  /** Nodes of which this event ends every earlier claim, such as a withdrawn advisory. */
  readonly nodeEndings?: readonly NodeEnding[];
  /** Outcome to find the event by (`events(outcome:)`). */
  readonly outcome: string | null;
};

export const NO_CHANGES: Changes = {
  subject: null,
  nodes: [],
  edges: [],
  claim: null,
  validFrom: null,
  endsClaims: [],
  outcome: null,
};

/** What is said of the facets of a node; null where it is nothing. */
export type Facets<L extends NodeLabel> = Partial<Record<FacetName<L>, FacetProperties | null>>;

/** A facet's properties without those that are not stated, or null where none is: silence erases nothing. */
export function stated(
  properties: Readonly<Record<string, PropertyValue | undefined>>,
): FacetProperties | null {
  let any = false;
  const found: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    found[name] = value;
    any = true;
  }
  return any ? found : null;
}

/** The facets of which something is said. */
export function statedFacets<L extends NodeLabel>(facets: Facets<L>): NodeChange<L>['facets'] {
  const found: Partial<Record<FacetName<L>, FacetProperties>> = {};
  for (const name of Object.keys(facets) as FacetName<L>[]) {
    const properties = facets[name];
    if (properties != null) found[name] = properties;
  }
  return found;
}

export function edgeChange(
  type: EdgeType,
  from: NodeRef,
  to: NodeRef,
  properties?: Readonly<Record<string, PropertyValue>>,
): EdgeChange {
  return properties === undefined ? { type, from, to } : { type, from, to, properties };
}

/** Changes without what has a key that names nothing (a producer's placeholder, the digest of an empty file). */
export function toChanges(said: Partial<Changes>): Changes {
  const { nodes = [], edges = [], edgeEndings } = said;
  const isNamed = ({ from, to }: Pick<EdgeChange, 'from' | 'to'>): boolean =>
    !namesNothing(from) && !namesNothing(to);
  return {
    ...NO_CHANGES,
    ...said,
    nodes: nodes.filter((node) => !namesNothing(node)),
    edges: edges.filter(isNamed),
    ...(edgeEndings === undefined ? {} : { edgeEndings: edgeEndings.filter(isNamed) }),
  };
}
