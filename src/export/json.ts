import type { ExportEdge, ExportGraph, ExportNode } from './graph.ts';
import { toSafeJson } from './text.ts';
import { TIME_PROPERTIES } from '../model/node.ts';

/** Version of the form; it changes where a reader of the old form would go wrong. */
const VERSION = 1;

export function toJson(graph: ExportGraph): string {
  const { kind, root, truncated, nodes, edges } = graph;
  const whole = {
    ...{ format: 'stemma-graph', version: VERSION, kind, root, truncated },
    nodes: nodes.map(nodeOf),
    edges: edges.map(edgeOf),
  };
  return `${toSafeJson(whole, 2)}\n`;
}

export function toNdjson({ kind, root, truncated, nodes, edges }: ExportGraph): string {
  const head = { type: 'export', format: 'stemma-graph', version: VERSION, kind, root, truncated };
  const lines = [
    head,
    ...nodes.map((node) => ({ type: 'node', ...nodeOf(node) })),
    ...edges.map(({ type, ...edge }) => ({ type: 'edge', edgeType: type, ...edgeTimes(edge) })),
  ];
  return `${lines.map((line) => toSafeJson(line)).join('\n')}\n`;
}

function nodeOf({ id, label, key, name, depth, change, properties }: ExportNode) {
  return {
    ...{ id, label, key, name, depth },
    ...(change === null ? {} : { change }),
    properties: facts(properties),
  };
}

function edgeOf({ type, ...edge }: ExportEdge) {
  return { type, ...edgeTimes(edge) };
}

function edgeTimes({ from, to, trust, validFrom }: Omit<ExportEdge, 'type'>) {
  return { from, to, trust, validFrom: isoOf(validFrom) };
}

/** Properties that are stated; times as text. */
export function facts(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [
        name,
        TIME_PROPERTIES.has(name) && typeof value === 'number' ? isoOf(value) : value,
      ]),
  );
}

export function isoOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
