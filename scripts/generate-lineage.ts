/**
 * Writes the statements of `cypher/lineage`, `cypher/path`, `cypher/lookup` and `cypher/explore` that differ only in what Cypher cannot take as a parameter: edge
 * types, directions, bounds and orders. Their text is in `cypher/templates`. `--check` compares instead.
 */
import { readdirSync, readFileSync } from 'node:fs';
import {
  CONTEXT_TYPES,
  EDGE_TYPES,
  LINEAGE_TYPES,
  NAMING_TYPES,
  type EdgeType,
} from '../src/model/edge.ts';
import { NODE_LABELS } from '../src/model/node.ts';
import { BOUNDS } from '../src/graph/lineage-bounds.ts';
import { emit } from './emit.ts';

/** Edges that a source states again with each version of an advisory: only its newest statement counts. */
const RESTATED: ReadonlySet<EdgeType> = new Set<EdgeType>(['AFFECTS', 'CONCERNS', 'SAME_AS']);
const NEWEST = `
    AND (r.series IS NULL OR NOT EXISTS {
      MATCH (:Vulnerability {key: r.stater})-[o:CONCERNS]->()
      WHERE o.series = r.series AND o.validFrom > r.validFrom AND o.endValid IS NULL
    })`;

const CYPHER = new URL('../cypher/', import.meta.url);
const OUT = { left: '-', right: '->' };
const IN = { left: '<-', right: '-' };

/** What a statement may follow: `typed` is narrowed by `$types`. */
const FOLLOWED: Readonly<Record<string, readonly EdgeType[]>> = {
  plain: LINEAGE_TYPES,
  history: [...LINEAGE_TYPES, 'PARENT'],
  typed: EDGE_TYPES,
};
const WORDS: Readonly<Record<string, string>> = {
  history: ', through the history of commits',
  typed: ', over edges of the given types only',
};

/** Whether the claim `r` held, and is believed enough: model/moment.ts in Cypher. */
const MOMENT = 'valid, known, minTrust, now';
/** How far the claim `r` was believed at a moment: by the last verdict that was known then (decisions/0016); without any, as far as it says. */
const TRUST =
  'CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1) ' +
  'ELSE coalesce(last([i IN range(0, size(r.trustKnown) - 1) WHERE r.trustKnown[i] <= $known | r.trustRank[i]]), 1) END';
const HELD =
  `r.knownFrom <= $known AND r.validFrom <= $valid AND ${TRUST} >= $minTrust AND ` +
  '(r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid))';
/** Later than every stated time, a claim holds that has no end: one property instead of four, for each edge that is met. */
const HOLDS = `CASE WHEN $now THEN r.endValid IS NULL ELSE ${HELD} END`;
/** Whether what makes the claim, such as an advisory, was not withdrawn since. */
const STANDS =
  '(startNode(r).endValid IS NULL OR none(e IN range(0, size(startNode(r).endValid) - 1) WHERE startNode(r).endKnown[e] <= $known ' +
  'AND startNode(r).endValid[e] <= $valid AND startNode(r).endValid[e] >= r.validFrom))';

/** The rules of model/states.ts in Cypher. */
const STATES = {
  buildState:
    'CASE WHEN n.outcome IS NOT NULL AND NOT coalesce(n.startedAt > n.finishedAt, false) AND NOT coalesce(n.queuedAt > n.finishedAt, false) ' +
    "THEN CASE WHEN toUpper(n.outcome) IN ['SUCCESS', 'FAILURE', 'CANCELLED', 'ERROR'] THEN toUpper(n.outcome) ELSE 'UNKNOWN' END " +
    "WHEN n.startedAt IS NULL THEN CASE WHEN n.queuedAt IS NOT NULL THEN 'QUEUED' END " +
    "WHEN n.queuedAt > n.finishedAt AND n.queuedAt > n.startedAt THEN 'QUEUED' ELSE 'RUNNING' END",
  deploymentState:
    "coalesce(reduce(latest = [-1, null], word IN [[n.removedAt, 'REMOVED'], [n.rolledBackAt, 'ROLLED_BACK'], [n.failedAt, 'FAILED'], " +
    "[n.completedAt, 'COMPLETED'], [n.phaseAt, CASE WHEN toUpper(n.phase) IN ['QUEUED', 'WAITING', 'RUNNING'] THEN toUpper(n.phase) ELSE 'UNKNOWN' END]] | CASE WHEN word[0] > latest[0] THEN word ELSE latest END)[1], " +
    "CASE WHEN n.createdAt IS NOT NULL THEN 'CREATED' END)",
};

type Values = Readonly<Record<string, string | number>>;

/** The way into the log: an index is only used where the comparison stands by itself. */
const EVENT_INDEXES = {
  all: null,
  type: 'type',
  subject: 'subjectRef',
  correlation: 'correlationId',
  causation: 'causationId',
  workflow: 'workflowId',
} as const;

const files = new Map<string, string>();
addLineage();
addLookups();
for (const [name, text] of files) await emit(new URL(`${name}.cypher`, CYPHER), text, process.argv);

function addLineage(): void {
  for (const direction of ['upstream', 'downstream']) {
    const arrow = direction === 'upstream' ? OUT : IN;
    const ends =
      direction === 'upstream' ? { from: 'id(a)', to: 'id(b)' } : { from: 'id(b)', to: 'id(a)' };
    for (const [kind, types] of Object.entries(FOLLOWED)) {
      const name = kind === 'plain' ? direction : `${direction}-${kind}`;
      const typed = kind === 'typed';
      const values = {
        ...{ direction, ...arrow, ...ends, types: types.join('|') },
        holds: typed ? `type(r) IN $types AND ${HOLDS} AND ${STANDS}` : HOLDS,
        trust: TRUST,
        params: typed ? `${MOMENT}, types` : MOMENT,
        history: WORDS[kind] ?? '',
      };
      for (const bound of BOUNDS) {
        // a pattern of length 1 is planned without pruning, which would look at every edge of a hub before its limit
        const template = bound === 1 ? 'lineage/step' : 'lineage/walk';
        add(`lineage/${name}-${bound}`, template, { ...values, bound });
        add(`lineage/${name}-totals-${bound}`, 'lineage/totals', { ...values, bound });
      }
      add(`lineage/${name}-edges`, 'lineage/edges', values);
      add(`lineage/${name}-beyond`, 'lineage/beyond', values);
      add(`path/${name}`, 'path/shortest', values);
    }
  }
  // REPLACES and DEPENDS_ON are no way to a cause or an effect, not even as the first step
  const context = CONTEXT_TYPES.filter(
    (type) => !['REPLACES', 'DEPENDS_ON', 'CONCERNS'].includes(type),
  );
  const values = {
    types: context.join('|'),
    naming: NAMING_TYPES.join('|'),
    ...{ holds: HOLDS, stands: STANDS, trust: TRUST, params: MOMENT },
  };
  for (const name of ['context', 'context-edges', 'naming', 'attested', 'where', 'moved-tags']) {
    add(`lineage/${name}`, `lineage/${name}`, values);
  }
}

function addLookups(): void {
  const branches = NODE_LABELS.map((label) => fill('lookup/nodes', { label }).trimEnd());
  files.set(
    'lookup/nodes',
    `// purpose: nodes of every label by key\n// params: ${NODE_LABELS.join(', ')}\n// returns: id, label, properties\n${branches.join('\nUNION ALL\n')}\n`,
  );
  for (const order of ['asc', 'desc']) {
    const values = {
      ...STATES,
      comparison: order === 'asc' ? '>' : '<',
      descending: order === 'asc' ? '' : ' DESC',
      backwards: order === 'asc' ? '' : ', backwards',
    };
    for (const type of EDGE_TYPES) {
      const name = `lookup/neighbors/${type.toLowerCase().replaceAll('_', '-')}`;
      const newest = RESTATED.has(type) ? NEWEST : '';
      const one = { ...values, type, newest };
      add(`${name}-out-${order}`, 'lookup/neighbors', { ...one, ...OUT, word: 'out of' });
      add(`${name}-in-${order}`, 'lookup/neighbors', { ...one, ...IN, word: 'into' });
    }
    const first = order === 'asc' ? 'oldest first' : 'newest first';
    add(`explore/timeline-${order}`, 'explore/timeline', values);
    add(`lookup/events-of-${order}`, 'lookup/events-of', { ...values, order: first });
    for (const list of templates('lookup/list/'))
      add(`lookup/list/${list}-${order}`, `lookup/list/${list}`, values);
    for (const [by, property] of Object.entries(EVENT_INDEXES)) {
      add(`lookup/events/${by}-${order}`, 'lookup/events', {
        ...values,
        order: first,
        what: property === null ? '' : `, found by ${property}`,
        match: property === null ? '' : `e.${property} = $${property} AND `,
        // a young log has so few entries of a kind that the planner would scan the index, and keep that plan for a while
        hint: property === null ? '' : `\nUSING INDEX SEEK e:Event(${seekOf(property)})`,
      });
    }
  }
}

/** The properties of the index, as cypher/schema has it. */
function seekOf(property: string): string {
  return property === 'type' || property === 'subjectRef' ? `${property}, n` : property;
}

function add(name: string, template: string, values: Values): void {
  files.set(name, fill(template, values));
}

function fill(template: string, values: Values): string {
  const text = readFileSync(new URL(`templates/${template}.template`, CYPHER), 'utf8');
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new Error(`cypher/templates/${template}.template: no value for {{${name}}}.`);
    return String(value);
  });
}

function templates(folder: string): string[] {
  return readdirSync(new URL(`templates/${folder}`, CYPHER))
    .map((file) => file.replace(/\.template$/, ''))
    .sort();
}
