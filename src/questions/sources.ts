import { mayBeBuiltFrom } from '../model/source-packages.ts';
import type { ParsedPurl } from '../model/purl.ts';
import { isComplete, isIndex, manifestsOf, sbomsOf } from './evidence.ts';
import { keyOf, type Subgraph } from './subgraph.ts';

/** Distributions whose packages a document lists without saying what they are built from (model/source-packages.ts). */
export function unsourcedIn(graph: Subgraph, document: string): string[] {
  const entries = graph.nodes.get(document)?.['unsourced'];
  return Array.isArray(entries) ? entries.filter((entry) => typeof entry === 'string') : [];
}

/**
 * Why nothing is proved by the documents of a thing, which lists something that may be built from a source package, as a sentence; null
 * where all of it is known.
 *
 * @param isListed whether a package of the source's own name is in a thing: it has been compared, and tells the version of the source
 */
export function sourceDoubt(
  graph: Subgraph,
  thing: string,
  source: ParsedPurl,
  isListed: (thing: string) => boolean,
): string | null {
  if (isIndex(graph, thing)) {
    const doubts = manifestsOf(graph, thing).flatMap(
      (manifest) => sourceDoubt(graph, manifest, source, isListed) ?? [],
    );
    return doubts[0] ?? null;
  }
  const documents = sbomsOf(graph, thing).filter((id) => isComplete(graph, id));
  const open = documents.filter((id) =>
    unsourcedIn(graph, id).some((entry) => mayBeBuiltFrom(entry, source)),
  );
  const [document] = open;
  if (document === undefined || open.length < documents.length || isListed(thing)) return null;
  return `'${source.purl}' may be a source package, and '${keyOf(document)}' does not say what the packages of the distribution are built from`;
}
