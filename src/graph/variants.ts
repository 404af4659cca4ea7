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

const EARLIER_FIRST = { comparison: '>', descending: '' };
const LATER_FIRST = { comparison: '<', descending: ' DESC' };

/** What stands for the time of a thing that has none, and for a place before all times. */
export const NEVER = Number.MIN_SAFE_INTEGER;

/** Of a list of nodes `n`: a page of it by key, or how many there are. */
const PAGES: Choices = {
  asc: { ...EARLIER_FIRST, ...keyed(''), how: 'by key' },
  desc: { ...LATER_FIRST, ...keyed(' DESC'), how: 'by key, backwards' },
  count: {
    ...{
      comparison: '',
      descending: '',
      timed: false,
      counted: true,
      never: NEVER,
      behind: 'true',
      place: '',
    },
    ...{ what: 'how many', how: 'up to a limit', returns: 'count' },
    slice: 'LIMIT $limit\nRETURN count(n) AS count',
  },
};

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
    asc: { ...EARLIER_FIRST, backwards: '', first: 'oldest', last: 'max' },
    desc: { ...LATER_FIRST, backwards: ', backwards', first: 'newest', last: 'min' },
  },
  page: PAGES,
  timedPage: {
    ...PAGES,
    newest: { ...LATER_FIRST, ...timed(' DESC'), how: 'newest first' },
    oldest: { ...EARLIER_FIRST, ...timed(''), how: 'oldest first' },
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

function keyed(descending: string): Values {
  return {
    ...{ timed: false, counted: false, behind: `n.key ${descending === '' ? '>' : '<'} $position` },
    ...{ never: NEVER, place: 'position, ', what: 'a page of', returns: 'id, label, properties' },
    slice: sliceBy(`n.key${descending}`),
  };
}

/** By time, and by key where that is the same. */
function timed(descending: string): Values {
  return {
    ...{ timed: true, counted: false, behind: 'true', never: NEVER, place: 'position, at, ' },
    ...{ what: 'a page of', returns: 'id, label, properties' },
    slice: sliceBy(`at${descending}, n.key${descending}`),
  };
}

function sliceBy(order: string): string {
  return `ORDER BY ${order} LIMIT $limit
RETURN id(n) AS id, labels(n)[0] AS label, properties(n) AS properties
ORDER BY ${order}`;
}

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
