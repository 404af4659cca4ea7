import { titleOf, type ExportGraph, type ExportNode } from './graph.ts';
import { visible } from './text.ts';

const SHAPES: Readonly<Partial<Record<ExportNode['label'], string>>> = {
  Artifact: 'box',
  PackageVersion: 'box',
  Build: 'component',
  Commit: 'ellipse',
  Deployment: 'house',
  Vulnerability: 'octagon',
};

/** Graphviz. Arrows point from what was derived to what it was derived from. */
export function toDot({ kind, root, nodes, edges, truncated }: ExportGraph): string {
  const lines = nodes.map((node) => {
    const { id, label, change } = node;
    const title = titleOf(node).map(visible);
    const attributes = [
      `label=${quoted(title)}`,
      `shape=${SHAPES[label] ?? 'note'}`,
      ...(id === root ? ['penwidth=3'] : []),
      ...(change === null ? [] : [`color=${change === 'ADDED' ? 'green' : 'red'}`]),
    ];
    return `  ${quoted([id])} [${attributes.join(', ')}];`;
  });
  const arrows = edges.map(
    ({ from, to, type, trust }) =>
      `  ${quoted([from])} -> ${quoted([to])} [label=${quoted([type])}${trust === 'UNVERIFIED' || trust === 'INVALID' ? ', style=dashed' : ''}];`,
  );
  const head = [`digraph ${kind} {`, '  rankdir=LR;', '  node [fontname="sans-serif"];'];
  const note = truncated ? ['  label="there is more than this";'] : [];
  return [...head, ...note, ...lines, ...arrows, '}', ''].join('\n');
}

/**
 * A quoted string: nothing in it ends it, no backslash begins one of Graphviz' own sequences, such as \\N, and no ampersand one of
 * the HTML entities that it reads in labels.
 */
function quoted(lines: readonly string[]): string {
  return `"${lines.map(escaped).join('\\n')}"`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;');
}
