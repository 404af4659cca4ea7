import { toCsv } from './csv.ts';
import { toDot } from './dot.ts';
import type { ExportFormat, ExportGraph } from './graph.ts';
import { toGraphml } from './graphml.ts';
import { toJson, toNdjson } from './json.ts';
import { toMermaid } from './mermaid.ts';
import { toOpenLineage } from './openlineage.ts';
import { toProvJson } from './prov.ts';

const WRITERS: Readonly<Record<ExportFormat, (graph: ExportGraph) => string>> = {
  JSON: toJson,
  NDJSON: toNdjson,
  DOT: toDot,
  MERMAID: toMermaid,
  GRAPHML: toGraphml,
  CSV: toCsv,
  PROV_JSON: toProvJson,
  OPENLINEAGE: toOpenLineage,
};

/** A graph as text in a format that other programs read. Names in it are escaped for the format: none of them is obeyed. */
export function exportGraph(graph: ExportGraph, format: ExportFormat): string {
  return WRITERS[format](graph);
}
