import type { EdgeType, Trust } from '../model/edge.ts';
import type { NodeLabel } from '../model/node.ts';

/** What is exported: a lineage, paths or a difference, as a graph. Keys and names are the producers' words: trust none of them. */
export type ExportGraph = {
  readonly kind: 'lineage' | 'paths' | 'diff';
  /** Of the thing that was asked about. */
  readonly root: string;
  readonly nodes: readonly ExportNode[];
  readonly edges: readonly ExportEdge[];
  /** True where there is more than this. */
  readonly truncated: boolean;
};

export type ExportNode = {
  /** Global id: letters, digits, `-` and `_`. */
  readonly id: string;
  readonly label: NodeLabel;
  readonly key: string;
  readonly name: string | null;
  /** Edges from the root; null where it is not known. */
  readonly depth: number | null;
  /** What a difference says of it; null elsewhere. */
  readonly change: Change | null;
  /** Facets by property, see model/node.ts. Times in ms. */
  readonly properties: Readonly<Record<string, unknown>>;
};

export type Change = 'ADDED' | 'REMOVED';

export type ExportEdge = {
  /** Id of what was derived. */
  readonly from: string;
  /** Id of what it was derived from. */
  readonly to: string;
  readonly type: EdgeType;
  readonly trust: Trust;
  /** ms since the epoch; null where it is not known. */
  readonly validFrom: number | null;
};

export const EXPORT_FORMATS = [
  'JSON',
  'NDJSON',
  'DOT',
  'MERMAID',
  'GRAPHML',
  'CSV',
  'PROV_JSON',
  'OPENLINEAGE',
] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What a node is called: its label and name, and its key on a second line where that is something else. */
export function titleOf({
  label,
  key,
  name,
}: Pick<ExportNode, 'label' | 'key' | 'name'>): readonly string[] {
  return name === null || name === key ? [`${label} ${key}`] : [`${label} ${name}`, key];
}
