/**
 * Writes the statements of `cypher/lineage` and `cypher/lookup` that differ only in what Cypher cannot take as a parameter: edge
 * types, directions, bounds and orders. Their text is in `cypher/templates`. `--check` compares instead.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { CONTEXT_TYPES, EDGE_TYPES, LINEAGE_TYPES } from '../src/model/edge.ts';
import { NODE_LABELS } from '../src/model/node.ts';
import { BOUNDS } from '../src/graph/lineage-bounds.ts';
import { emit } from './emit.ts';

const CYPHER = new URL('../cypher/', import.meta.url);
const OUT = { left: '-', right: '->' };
const IN = { left: '<-', right: '-' };

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
    const ends = direction === 'upstream' ? { from: 'i', to: 'id(b)' } : { from: 'id(b)', to: 'i' };
    for (const history of [false, true]) {
      const types = history ? [...LINEAGE_TYPES, 'PARENT'] : LINEAGE_TYPES;
      const name = history ? `${direction}-history` : direction;
      const values = {
        ...{ direction, ...arrow, ...ends, types: types.join('|') },
        history: history ? ', through the history of commits' : '',
      };
      for (const bound of BOUNDS) {
        // a pattern of length 1 is planned without pruning, which would look at every edge of a hub before its limit
        const template = bound === 1 ? 'lineage/step' : 'lineage/walk';
        add(`lineage/${name}-${bound}`, template, { ...values, bound });
      }
      add(`lineage/${name}-edges`, 'lineage/edges', values);
      add(`lineage/${name}-beyond`, 'lineage/beyond', values);
    }
  }
  // REPLACES and DEPENDS_ON are no way to a cause or an effect, not even as the first step
  const context = CONTEXT_TYPES.filter((type) => type !== 'REPLACES' && type !== 'DEPENDS_ON');
  add('lineage/context', 'lineage/context', { types: context.join('|') });
  add('lineage/context-edges', 'lineage/context-edges', { types: context.join('|') });
}

function addLookups(): void {
  const branches = NODE_LABELS.map((label) => fill('lookup/nodes', { label }).trimEnd());
  files.set(
    'lookup/nodes',
    `// purpose: nodes of every label by key\n// params: ${NODE_LABELS.join(', ')}\n// returns: id, label, properties\n${branches.join('\nUNION ALL\n')}\n`,
  );
  for (const type of EDGE_TYPES) {
    const name = type.toLowerCase().replaceAll('_', '-');
    add(`lookup/neighbors/${name}-out`, 'lookup/neighbors', { type, word: 'out of', ...OUT });
    add(`lookup/neighbors/${name}-in`, 'lookup/neighbors', { type, word: 'into', ...IN });
  }
  for (const order of ['asc', 'desc']) {
    const values = {
      comparison: order === 'asc' ? '>' : '<',
      descending: order === 'asc' ? '' : ' DESC',
      word: order === 'asc' ? '' : ', backwards',
    };
    for (const list of templates('lookup/list/'))
      add(`lookup/list/${list}-${order}`, `lookup/list/${list}`, values);
    for (const [by, property] of Object.entries(EVENT_INDEXES)) {
      add(`lookup/events/${by}-${order}`, 'lookup/events', {
        ...values,
        ...{ order: order === 'asc' ? 'oldest first' : 'newest first' },
        what: property === null ? '' : `, found by ${property}`,
        match: property === null ? '' : `e.${property} = $${property} AND `,
      });
    }
  }
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
