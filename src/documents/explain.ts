import type { Changes } from '../model/change.ts';
import { refId } from '../model/node.ts';
import { parseRecognised, recogniseDocument } from './document.ts';
import { asArray, isObject, objectsOf, type JsonObject } from './json.ts';

/** What a document says, and what of it is not read. */
export type Explanation = {
  readonly format: string;
  readonly sha256: string;
  /** What it is about: `Artifact sha256:…`. */
  readonly about: readonly string[];
  readonly builds: readonly string[];
  /** Nodes by label, with how many of them it only refers to. */
  readonly nodes: Readonly<
    Record<string, { readonly count: number; readonly placeholders: number }>
  >;
  readonly edges: Readonly<Record<string, number>>;
  readonly components: number | null;
  readonly vulnerabilities: number;
  /** What of it was left out, or read in spite of how it is written; the graph keeps these. */
  readonly warnings: readonly string[];
  /** What is in order and says nothing that the graph keeps, with the reason. */
  readonly notRead: readonly string[];
};

/**
 * Explains one document: the reader's own result, counted. Pure.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED where nothing of it is read
 */
export function explainDocument(text: string, sha256: string): Explanation {
  const known = recogniseDocument(text);
  const { format, changes, warnings } = parseRecognised(known, text, sha256);
  const bom = known.format.bom?.(known.value)?.bom ?? null;
  return {
    format,
    sha256,
    about: targetsOf(changes, ['DESCRIBES', 'ATTESTS']),
    builds: changes.nodes.filter(({ label }) => label === 'Build').map(({ key }) => key),
    nodes: countNodes(changes),
    edges: countBy(changes.edges.map(({ type }) => type)),
    components: bom === null ? null : componentsIn(bom).length,
    vulnerabilities: changes.nodes.filter(({ label }) => label === 'Vulnerability').length,
    warnings: warnings.map(({ message }) => message),
    notRead: [
      ...(known.format.notRead?.(known.value) ?? []),
      ...(bom === null ? [] : notReadOf(bom)),
    ],
  };
}

/** Members of CycloneDX that say things for which the graph has no place. */
const NOT_READ: Readonly<Record<string, string>> = {
  annotations: 'comments',
  citations: 'sources of single values',
  declarations: 'conformance claims',
  definitions: 'standards',
  externalReferences: 'links',
  formulation: 'how it was made; submit the provenance of the build instead',
  properties: 'properties of the producer',
  services: 'services that it calls',
  signature: 'the signature within the document, which is not verified',
};

function notReadOf(bom: JsonObject): string[] {
  const members = Object.entries(NOT_READ).flatMap(([member, what]) => {
    const value = bom[member];
    if (value === undefined || value === null) return [];
    const count = Array.isArray(value) ? ` (${value.length})` : '';
    return [`${member}${count}: ${what}`];
  });
  const components = componentsIn(bom);
  const count = (is: (component: JsonObject) => boolean) => components.filter(is).length;
  const told: readonly (readonly [number, string])[] = [
    [
      count(({ purl }) => typeof purl !== 'string'),
      'without a package URL: known in this document alone, so that an advisory meets them by name at most',
    ],
    [
      count(({ scope, isExternal }) => scope === 'excluded' || isExternal === true),
      'excluded or external: known, and not part of what is described',
    ],
    [
      count(({ hashes }) => hasOnlyWeakHashes(hashes)),
      'with MD5 or SHA-1 hashes only, which do not identify a file',
    ],
    [
      count(
        ({ pedigree }) =>
          isObject(pedigree) && Object.keys(pedigree).some((name) => name !== 'ancestors'),
      ),
      'with a pedigree of which only ancestors are read',
    ],
  ];
  return [
    ...members,
    ...told.flatMap(([found, what]) => (found === 0 ? [] : [`${found} components ${what}`])),
  ];
}

function hasOnlyWeakHashes(hashes: unknown): boolean {
  const all = objectsOf(hashes).map(({ alg }) => String(alg).toUpperCase());
  return all.length > 0 && all.every((alg) => alg === 'MD5' || alg === 'SHA-1');
}

/** Every component that a bill of materials lists, nested ones too. */
function componentsIn(bom: JsonObject): JsonObject[] {
  const found: JsonObject[] = [];
  const walk = (list: unknown): void => {
    for (const component of asArray(list).filter(isObject)) {
      found.push(component);
      walk(component['components']);
    }
  };
  const { metadata } = bom;
  const root = isObject(metadata) ? metadata['component'] : null;
  if (isObject(root)) walk(root['components']);
  walk(bom['components']);
  return found;
}

function targetsOf({ edges }: Changes, types: readonly string[]): string[] {
  const found = edges.filter(({ type }) => types.includes(type)).map(({ to }) => refId(to));
  return [...new Set(found)].map((ref) => ref.replace(':', ' '));
}

function countNodes({ nodes }: Changes): Explanation['nodes'] {
  const found: Record<string, { count: number; placeholders: number }> = {};
  for (const { label, resolved } of nodes) {
    const { count, placeholders } = found[label] ?? { count: 0, placeholders: 0 };
    found[label] = { count: count + 1, placeholders: placeholders + (resolved ? 0 : 1) };
  }
  return found;
}

function countBy(names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
}
