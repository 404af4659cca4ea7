import {
  edgeChange,
  statedFacets,
  toChanges,
  type Changes,
  type EdgeChange,
  type Facets,
  type NodeChange,
} from '../model/change.ts';
import type { EdgeType } from '../model/edge.ts';
import {
  NAME_ONLY_LABELS,
  refId,
  type NodeLabel,
  type NodeRef,
  type PropertyValue,
} from '../model/node.ts';
import { keyProblem } from '../model/text.ts';
import { clip } from './json.ts';
import type { Warnings } from './warnings.ts';

/**
 * Gathers what one document says: each node and each edge once, however often the document repeats it. What it says first
 * counts, so that the same document always gives the same changes. What no index can keep is left out, and a warning.
 */
export function createChanges(warnings: Warnings) {
  const nodes = new Map<string, NodeChange>();
  const edges = new Map<string, EdgeChange>();
  const tooLong = new Set<string>();

  const isIndexed = ({ label, key }: NodeRef): boolean => {
    const problem = keyProblem(key);
    if (problem === null) return true;
    if (!tooLong.has(key))
      warnings.add('', `${label} '${clip(key, 80)}' ${problem}: it is left out.`);
    tooLong.add(key);
    return false;
  };

  const add = <L extends NodeLabel>(
    label: L,
    key: string,
    resolved: boolean,
    facets: Facets<L>,
  ): NodeRef => {
    const ref: NodeRef = { label, key };
    if (!isIndexed(ref)) return ref;
    const id = refId(ref);
    const known = nodes.get(id);
    nodes.set(id, {
      ...ref,
      resolved: resolved || known?.resolved === true || NAME_ONLY_LABELS.has(label),
      facets: { ...statedFacets(facets), ...known?.facets },
    });
    return ref;
  };
  const link = (
    type: EdgeType,
    from: NodeRef,
    to: NodeRef,
    properties?: Readonly<Record<string, PropertyValue>>,
  ): void => {
    const id = `${type}\n${refId(from)}\n${refId(to)}`;
    if (refId(from) === refId(to) || edges.has(id)) return;
    if (![from, to].every(isIndexed)) return;
    edges.set(id, edgeChange(type, from, to, properties));
  };

  return {
    /** Says something about a node, or just that it exists. */
    state<L extends NodeLabel>(label: L, key: string, facets: Facets<L> = {}): NodeRef {
      return add(label, key, true, facets);
    },
    /** Mentions a node: a placeholder, unless it is stated elsewhere. */
    refer<L extends NodeLabel>(label: L, key: string, facets: Facets<L> = {}): NodeRef {
      return add(label, key, false, facets);
    },
    /** `state` or `refer`. */
    node<L extends NodeLabel>(
      label: L,
      key: string,
      resolved: boolean,
      facets: Facets<L> = {},
    ): NodeRef {
      return add(label, key, resolved, facets);
    },
    /** Claims an edge; an edge from a node to itself says nothing and is left out. */
    link,
    /** An identity hop: claimed in both directions. */
    alias(type: 'SAME_AS' | 'PACKAGED_AS', a: NodeRef, b: NodeRef): void {
      link(type, a, b);
      link(type, b, a);
    },
    /** Tells of something that the document names and that cannot be a key. */
    leaveOut(what: string, name: string, problem: string): void {
      warnings.add('', `${what} '${clip(name, 80)}' ${problem}: it is left out.`);
    },
    /** Takes in nodes and edges that were made elsewhere. */
    include(more: { nodes: readonly NodeChange[]; edges: readonly EdgeChange[] }): void {
      for (const { label, key, resolved, facets } of more.nodes) add(label, key, resolved, facets);
      for (const { type, from, to, properties } of more.edges) link(type, from, to, properties);
    },
    finish(rest: Partial<Changes>): Changes {
      return toChanges({ nodes: [...nodes.values()], edges: [...edges.values()], ...rest });
    },
  };
}

export type DocumentChanges = ReturnType<typeof createChanges>;
