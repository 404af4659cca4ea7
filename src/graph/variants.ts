import {
  CONTEXT_TYPES,
  EDGE_KINDS,
  EDGE_TYPES,
  LINEAGE_TYPES,
  NAMING_TYPES,
  type EdgeType,
} from '../model/edge.ts';
import { IMPLIED_TYPE } from '../model/implied.ts';
import { FILE_IDENTITIES, FILE_LABELS } from '../model/identity-conflict.ts';
import { ENDED_LABELS, NODE_LABELS, STATED_LABELS, type NodeLabel } from '../model/node.ts';
import { BOUNDS } from './lineage/bounds.ts';
import { edgeName } from './write/rows.ts';
import { PREFIXED_LABELS } from './read/search-plan.ts';
import type { Values } from './template.ts';

/** Ways to fill a template, by what the name of the statement says of each. */
type Choices = Readonly<Record<string, Values>>;

/** Edges that a source states again with each version of an advisory: only its newest statement counts. */
const RESTATED: ReadonlySet<EdgeType> = new Set<EdgeType>(['AFFECTS', 'CONCERNS', 'SAME_AS']);

const OUT = { left: '-', right: '->' };
const IN = { left: '<-', right: '-' };

/**
 * What the line `variants:` of a template may name: there is a statement for each choice, or for each combination of choices where
 * the line names several. All of them come from the model and from here, nothing from a question.
 */
export const VARIANTS: Readonly<Record<string, Choices>> = {
  label: labelled(NODE_LABELS),
  endedLabel: labelled(ENDED_LABELS),
  fileLabel: choices(FILE_LABELS, String, (label) => ({ label, types: identityTypes(label) })),
  type: choices(EDGE_TYPES, String, (type) => ({ type, restated: RESTATED.has(type) })),
  edge: choices(EDGE_TYPES.flatMap(edgesOf), nameOf, (edge) => edge),
  impliedEdge: choices(edgesOf(IMPLIED_TYPE), nameOf, (edge) => edge),
  fileEdge: choices(FILE_IDENTITIES, nameOf, (edge) => edge),
  /** Of lineage: an edge points from what was derived to what it was derived from. */
  direction: {
    UPSTREAM: { direction: 'upstream', ...OUT, from: 'id(a)', to: 'id(b)' },
    DOWNSTREAM: { direction: 'downstream', ...IN, from: 'id(b)', to: 'id(a)' },
  },
  /** What a walk follows; `typed` is narrowed by `$types`. */
  follow: {
    plain: { types: LINEAGE_TYPES.join('|'), typed: false, history: '' },
    history: {
      types: [...LINEAGE_TYPES, 'PARENT'].join('|'),
      ...{ typed: false, history: ', through the history of commits' },
    },
    typed: {
      types: EDGE_TYPES.join('|'),
      ...{ typed: true, history: ', over edges of the given types only' },
    },
  },
  bound: choices(BOUNDS, String, (bound) => ({ bound })),
  longBound: choices(
    BOUNDS.filter((bound) => bound > 1),
    String,
    (bound) => ({ bound }),
  ),
  /** Of the edges of one node. */
  side: { OUT: { ...OUT, word: 'out of' }, IN: { ...IN, word: 'into' } },
  order: {
    asc: { comparison: '>', descending: '', backwards: '', first: 'oldest', last: 'max' },
    desc: {
      ...{ comparison: '<', descending: ' DESC', backwards: ', backwards' },
      ...{ first: 'newest', last: 'min' },
    },
  },
  /** The way into the log: an index is only used where the comparison stands by itself. `seek`: its properties in cypher/schema. */
  eventIndex: {
    all: { property: '', seek: '' },
    type: { property: 'type', seek: 'type, n' },
    subject: { property: 'subjectRef', seek: 'subjectRef, n' },
    correlation: { property: 'correlationId', seek: 'correlationId' },
    causation: { property: 'causationId', seek: 'causationId' },
    workflow: { property: 'workflowId', seek: 'workflowId' },
  },
};

/** What stands for the same in every template. */
export const CONSTANTS: Values = {
  labelParams: NODE_LABELS.join(', '),
  // REPLACES and DEPENDS_ON are no way to a cause or an effect, not even as the first step
  contextTypes: CONTEXT_TYPES.filter(
    (type) => !['REPLACES', 'DEPENDS_ON', 'CONCERNS'].includes(type),
  ).join('|'),
  namingTypes: NAMING_TYPES.join('|'),
};

/** An index is only used for a literal label, so that a question about several has a branch for each. */
export const LISTS: Readonly<Record<string, readonly string[]>> = {
  labels: NODE_LABELS,
  countedLabels: [...NODE_LABELS, 'Event'],
  prefixedLabels: PREFIXED_LABELS,
  statedLabels: STATED_LABELS,
};

function choices<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  to: (one: T) => Values,
): Choices {
  return Object.fromEntries(all.map((one) => [nameOf(one), to(one)]));
}

function labelled(labels: readonly NodeLabel[]): Choices {
  return choices(labels, String, (label) => ({ label }));
}

type Edge = { readonly type: EdgeType; readonly from: NodeLabel; readonly to: NodeLabel };

function edgesOf(type: EdgeType): Edge[] {
  return EDGE_KINDS[type].ends.map(([from, to]) => ({ type, from, to }));
}

function nameOf({ type, from, to }: Edge): string {
  return edgeName(type, from, to);
}

/** Types of the edges that make a thing of this label one with another. */
function identityTypes(label: NodeLabel): string {
  const own = FILE_IDENTITIES.filter(({ from, to }) => from === label || to === label);
  return [...new Set(own.map(({ type }) => type))].join('|');
}
