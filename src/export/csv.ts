import type { ExportGraph, ExportNode } from './graph.ts';
import { visible } from './text.ts';

const HEADER = [
  ...['from_label', 'from_key', 'from_name', 'type', 'to_label', 'to_key', 'to_name'],
  ...['trust', 'valid_from', 'change'],
];

/** RFC 4180. One line for each edge; a thing without any has a line of its own. */
export function toCsv({ nodes, edges }: ExportGraph): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const rows = edges.flatMap(({ from, to, type, trust, validFrom }) => {
    const [a, b] = [byId.get(from), byId.get(to)];
    if (a === undefined || b === undefined) return [];
    const since = validFrom === null ? '' : new Date(validFrom).toISOString();
    return [[...cellsOf(a), type, ...cellsOf(b), trust, since, a.change ?? b.change ?? '']];
  });
  const alone = nodes
    .filter(({ id }) => !connected.has(id))
    .map((node) => [...cellsOf(node), '', '', '', '', '', '', node.change ?? '']);
  return [HEADER, ...rows, ...alone].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cellsOf({ label, key, name }: ExportNode): string[] {
  return [label, key, name ?? ''];
}

/** A cell that a spreadsheet takes for text: what would be a formula begins with an apostrophe. */
function cell(text: string): string {
  const shown = visible(text);
  const safe = /^\s*[=+\-@|%＝＋－＠]/u.test(shown) ? `'${shown}` : shown;
  return /[",\s']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
