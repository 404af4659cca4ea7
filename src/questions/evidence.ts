import { resolutions } from './walk.ts';
import { keyOf, since, type GraphEdge, type Subgraph } from './subgraph.ts';

const INDEX = /image\.index|manifest\.list/;

export function isIndex(graph: Subgraph, artifact: string): boolean {
  return isIndexType(graph.nodes.get(artifact)?.['mediaType']);
}

/** Whether a media type is that of an image index. */
export function isIndexType(mediaType: unknown): boolean {
  return typeof mediaType === 'string' && INDEX.test(mediaType);
}

/** The platform manifests of an image index, if it is one and they are known. */
export function manifestsOf(graph: Subgraph, artifact: string): string[] {
  if (!isIndex(graph, artifact)) return [];
  return graph
    .out(artifact, 'CONTAINS')
    .map(({ to }) => to)
    .filter((id) => graph.labelOf(id) === 'Artifact');
}

/** Every image index that lists the artifact. */
export function indexesOf(graph: Subgraph, artifact: string): string[] {
  return graph
    .into(artifact, 'CONTAINS')
    .map(({ from }) => from)
    .filter((id) => graph.labelOf(id) === 'Artifact' && isIndex(graph, id));
}

/** What a deployment runs: artifacts, package versions, commits; a tag stands for what it resolved to at that time. */
export function runBy(graph: Subgraph, deployment: string): Set<string> {
  const found = new Set<string>();
  for (const edge of graph.out(deployment, 'DEPLOYS')) {
    const resolved =
      graph.labelOf(edge.to) === 'Resource' ? resolutions(graph, edge.to, since(edge)) : [];
    if (resolved.length === 0) found.add(edge.to);
    for (const { to } of resolved) found.add(to);
  }
  return found;
}

/** Whether an evidence is there for an artifact under any of its digests. */
export function underAnyName(
  graph: Subgraph,
  artifact: string,
  has: (id: string) => boolean,
): boolean {
  return graph.aliases(artifact).some(has);
}

/** `COMPLETE`: some SBOM bound to this digest claims to be complete. */
export type SbomState = 'COMPLETE' | 'INCOMPLETE' | 'MISSING';

/**
 * What is known of the contents of a thing. An image index is known by its images: a scanner that is given the digest of an index
 * describes the image of its own platform.
 */
export function sbomState(graph: Subgraph, thing: string): SbomState {
  const own = sbomsOf(graph, thing);
  if (isIndex(graph, thing)) {
    const states = manifestsOf(graph, thing).map((manifest) => sbomState(graph, manifest));
    if (states.length === 0) return own.length > 0 ? 'INCOMPLETE' : 'MISSING';
    if (states.includes('MISSING')) return 'MISSING';
    return states.every((state) => state === 'COMPLETE') ? 'COMPLETE' : 'INCOMPLETE';
  }
  if (own.some((id) => isComplete(graph, id))) return 'COMPLETE';
  return own.length > 0 ? 'INCOMPLETE' : 'MISSING';
}

/** Of an image index whose contents are not known: why, as a sentence; null of anything else. */
export function indexDoubt(graph: Subgraph, thing: string): string | null {
  if (!isIndex(graph, thing) || sbomState(graph, thing) === 'COMPLETE') return null;
  const manifests = manifestsOf(graph, thing);
  const open = manifests.find((manifest) => sbomState(graph, manifest) !== 'COMPLETE');
  const what = `'${keyOf(thing)}' is an image index`;
  return open === undefined
    ? `${what}, and nobody says which images it has`
    : `${what}, and of its image '${keyOf(open)}' there is no complete SBOM`;
}

/** Bills of materials that describe exactly this digest, or package version. */
export function sbomsOf(graph: Subgraph, thing: string): string[] {
  return graph
    .aliases(thing)
    .flatMap((id) => graph.into(id, 'DESCRIBES').map(({ from }) => from))
    .filter((id) => graph.nodes.get(id)?.['format'] !== 'oci-image-index');
}

/**
 * Whether the document lists everything: all its parts are here, and it does not say of itself that something is left out
 * (CycloneDX `compositions`; a document that says nothing of it is taken at its word).
 */
export function isComplete(graph: Subgraph, document: string): boolean {
  const node = graph.nodes.get(document);
  if (node?.['complete'] !== true || INCOMPLETE.has(node['completeness'])) return false;
  // a document without components, such as a VEX document, is no inventory, unless it says that there are none
  return node['components'] !== 0 || node['completeness'] === 'complete';
}

/** Whether complete documents about the same thing contradict each other on an edge. */
export function isDisputed(graph: Subgraph, { from, type, claims }: GraphEdge): boolean {
  if (type !== 'CONTAINS') return false;
  const saying = new Set(claims.map(({ claim }) => claim));
  const documents = sbomsOf(graph, from).map((id) => ({
    id,
    sha256: id.slice('Document:'.length),
  }));
  return (
    documents.some(({ sha256 }) => saying.has(sha256)) &&
    documents.some(({ id, sha256 }) => !saying.has(sha256) && isComplete(graph, id))
  );
}

const INCOMPLETE: ReadonlySet<unknown> = new Set([
  'incomplete',
  'incomplete_first_party_only',
  'incomplete_first_party_proprietary_only',
  'incomplete_first_party_opensource_only',
  'incomplete_third_party_only',
  'incomplete_third_party_proprietary_only',
  'incomplete_third_party_opensource_only',
  'unknown',
]);
