import { readFileSync } from 'node:fs';
import { parsePurl } from '../../src/model/purl.ts';
import { writePurl } from '../../src/model/purl-text.ts';

/** Graphs that real projects made: exported commits, and what lock files and `go mod graph` say of dependencies. */

/** Each edge once, from what depends to what it depends on. */
export type Edges = readonly (readonly [from: string, to: string])[];

type Module = { readonly module: string; readonly version: string | null };
type Line = {
  readonly node?: string;
  readonly name: string;
  readonly version: string | null;
  readonly from: string;
  /** Null where nothing that is installed fits. */
  readonly to: string | null;
};

/** A line for each commit, with its parents. */
export function commitEdges(file: URL): Edges {
  return rowsOf<{ sha: string; parents: string[] }>(file).flatMap(({ sha, parents }) =>
    parents.map((parent) => [sha, parent] as const),
  );
}

/** A line for each line of `go mod graph`. */
export function goEdges(file: URL): Edges {
  const name = ({ module, version }: Module): string => purl('golang', module, version);
  return unique(
    rowsOf<{ from: Module; to: Module }>(file).map(({ from, to }) => [name(from), name(to)]),
  );
}

/** Lines of packages, then lines of edges between their places in the tree: one version can be installed at several. */
export function npmEdges(file: URL): Edges {
  return lockEdges(file, 'npm');
}

export function cargoEdges(file: URL): Edges {
  return lockEdges(file, 'cargo');
}

function lockEdges(file: URL, type: string): Edges {
  const rows = rowsOf<Line>(file);
  const names = new Map(
    rows.flatMap(({ node, name, version }) =>
      node === undefined ? [] : [[node, purl(type, name, version)] as const],
    ),
  );
  const nameOf = (node: string): string => {
    const found = names.get(node);
    if (found === undefined) throw new Error(`${file.pathname}: no line of ${node}`);
    return found;
  };
  return unique(
    rows.flatMap(({ node, from, to }) =>
      node !== undefined || to === null ? [] : [[nameOf(from), nameOf(to)] as const],
    ),
  );
}

function purl(type: string, path: string, version: string | null): string {
  const slash = path.lastIndexOf('/');
  const namespace = slash > 0 ? path.slice(0, slash) : null;
  const name = path.slice(slash + 1);
  const parts = { type, namespace, name, version, qualifiers: {}, subpath: null };
  return parsePurl(writePurl(parts)).purl;
}

function rowsOf<T>(file: URL): T[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T); // the form that MANIFEST.tsv of the data set describes
}

function unique(edges: Edges): Edges {
  return [...new Map(edges.map((edge) => [edge.join(' '), edge])).values()];
}
