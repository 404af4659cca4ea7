/**
 * Writes the statements of `cypher/explore` that have a branch for every label: an index is only used for a literal label.
 * `--check` compares instead.
 */
import { PREFIXED_LABELS } from '../src/graph/search-plan.ts';
import { STATED_LABELS } from '../src/graph/unresolved.ts';
import { NODE_LABELS, type NodeLabel } from '../src/model/node.ts';
import { emit } from './emit.ts';

const FOLDER = new URL('../cypher/explore/', import.meta.url);

/** One subquery of which only the branch of `$label` runs: the others end before they look at an index. */
function branches(labels: readonly NodeLabel[], bodyOf: (label: NodeLabel) => string): string {
  const each = labels.map((label) => `  WITH 1 AS one WHERE $label = '${label}'\n${bodyOf(label)}`);
  return `CALL () {\n${each.join('\n  UNION ALL\n')}\n}`;
}

type Order = { words: string; behind: string; order: string; last: string };

function unresolved({ words, behind, order, last }: Order): string {
  return `// purpose: what is referred to and was never stated, among the next \`$examined\` things of one label ${words}
// params: label, position, examined, limit
// returns: rows = [[id, label, properties]], examined = how many were looked at, last = key of the last of them
${branches(
  STATED_LABELS,
  (label) => `  MATCH (n:${label}) WHERE n.key ${behind} $position
  WITH n ORDER BY ${order} LIMIT $examined
  RETURN collect(CASE WHEN n.resolved IS NULL AND EXISTS { (n)--() } THEN n END)[0..$limit] AS found,
    count(n) AS examined, ${last}(n.key) AS last`,
)}
WITH found, examined, last WHERE examined > 0 // the other branches counted nothing
RETURN [n IN found | [id(n), $label, properties(n)]] AS rows, examined, last
`;
}

const files: Readonly<Record<string, string>> = {
  'by-prefix': `// purpose: things of one label whose key lies in a range (all that begin with a prefix), by key
// params: label, from, to, limit
// returns: id, label, properties
${branches(
  PREFIXED_LABELS,
  (label) => `  MATCH (n:${label}) WHERE n.key >= $from AND n.key < $to
  RETURN n ORDER BY n.key LIMIT $limit`,
)}
RETURN id(n) AS id, $label AS label, properties(n) AS properties
ORDER BY n.key
`,
  'unresolved-asc': unresolved({ words: 'by key', behind: '>', order: 'n.key', last: 'max' }),
  'unresolved-desc': unresolved({
    ...{ words: 'by key, backwards', behind: '<', order: 'n.key DESC', last: 'min' },
  }),
  'unresolved-counts': `// purpose: how many of \`$examined\` things of each label were never stated
// params: examined
// returns: label, examined, unresolved
${STATED_LABELS.map(
  (label) => `CALL () {
  MATCH (n:${label}) WITH n LIMIT $examined
  RETURN count(n) AS examined, count(CASE WHEN n.resolved IS NULL THEN 1 END) AS unresolved
}
RETURN '${label}' AS label, examined, unresolved`,
).join('\nUNION ALL\n')}
`,
  counts: `// purpose: how many nodes of each label there are, from the count store
// params: -
// returns: label, count
${[...NODE_LABELS, 'Event']
  .map((label) => `MATCH (n:${label}) WITH count(n) AS count RETURN '${label}' AS label, count`)
  .join('\nUNION ALL\n')}
`,
};

for (const [name, text] of Object.entries(files)) {
  await emit(new URL(`${name}.cypher`, FOLDER), text, process.argv);
}
