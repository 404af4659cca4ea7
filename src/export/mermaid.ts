import { titleOf, type ExportGraph } from './graph.ts';
import { visible } from './text.ts';

/** A Mermaid flowchart. Arrows point from what was derived to what it was derived from. */
export function toMermaid({ root, nodes, edges, truncated }: ExportGraph): string {
  // ids of our own: Mermaid takes some words within an id for its own
  const ids = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  const lines = nodes.map((node) => {
    const title = titleOf(node).map((line) => escaped(visible(line)));
    return `  ${ids.get(node.id) ?? ''}["${title.join('<br/>')}"]`;
  });
  const arrows = edges.flatMap(({ from, to, type, trust }) => {
    const [a, b] = [ids.get(from), ids.get(to)];
    if (a === undefined || b === undefined) return [];
    return [
      `  ${a} ${trust === 'UNVERIFIED' || trust === 'INVALID' ? '-.->' : '-->'}|${type}| ${b}`,
    ];
  });
  const classes = [
    ...classOf(
      'added',
      'fill:#dfd',
      nodes.filter(({ change }) => change === 'ADDED'),
    ),
    ...classOf(
      'removed',
      'fill:#fdd',
      nodes.filter(({ change }) => change === 'REMOVED'),
    ),
    ...classOf(
      'root',
      'stroke-width:3px',
      nodes.filter(({ id }) => id === root),
    ),
  ];
  const note = truncated ? ['  %% there is more than this'] : [];
  return ['flowchart LR', ...note, ...lines, ...arrows, ...classes, ''].join('\n');

  function classOf(name: string, style: string, of: readonly { readonly id: string }[]): string[] {
    if (of.length === 0) return [];
    const members = of.map(({ id }) => ids.get(id)).join(',');
    return [`  classDef ${name} ${style}`, `  class ${members} ${name}`];
  }
}

/** Characters that mean something to Mermaid or to the HTML that it makes, as its entities. */
const SPECIAL = /[#"<>&`\\;%{}[\]()|*_~]/g;

function escaped(text: string): string {
  return text.replace(SPECIAL, (character) => `#${character.charCodeAt(0)};`);
}
