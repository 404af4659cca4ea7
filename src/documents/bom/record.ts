import type { NodeRef } from '../../model/node.ts';
import { withoutSources } from '../../model/source-packages.ts';
import { stated } from '../../model/change.ts';
import { createChanges, type DocumentChanges } from '../changes.ts';
import { asObject, asText, type JsonObject } from '../json.ts';
import { warningsFacet, type Warnings } from '../warnings.ts';
import type { ParsedDocument, ParseOptions } from '../formats/format.ts';
import type { Bom } from './bom.ts';
import type { Component } from './component-facts.ts';
import { completenessOf } from './compositions.ts';
import { recordAbout, recordComponent, recordRoot, type Recorded } from './component.ts';
import {
  createReferences,
  readDependencies,
  recordContents,
  recordDependencies,
} from './dependency-graph.ts';
import { recordVulnerabilities } from './vulnerability.ts';

/**
 * What a bill of materials says that is a document by itself. Without a root, neither its own nor `about`, its components are known but
 * nothing contains them.
 */
export function parseBom(
  bom: Bom,
  { sha256, size, about, isJson, warnings }: ParseOptions,
): ParsedDocument {
  const changes = createChanges(warnings);
  const root =
    recordAbout(changes, about) ??
    (bom.root === null ? null : recordRoot(changes, bom.root, sha256));
  const { document, format } = recordBom(changes, isJson ? bom : { ...bom, mediaType: null }, {
    sha256,
    size,
    roots: root === null ? [] : [root],
    warnings,
  });
  return {
    format,
    changes: changes.finish({ subject: document, claim: sha256, validFrom: bom.issuedAt }),
    warnings: warnings.list(),
  };
}

type BomOptions = {
  /** Digest of the bytes that the document came in: its own, or those of the attestation that holds it. */
  readonly sha256: string;
  /** Bytes; null where it has none of its own. */
  readonly size: number | null;
  /** Names of the thing that it describes; what its own root is called is a name of the first. */
  readonly roots: readonly Recorded[];
  readonly warnings: Warnings;
};

/** Records a bill of materials about the things that it describes: what they contain, its dependencies and vulnerabilities. */
export function recordBom(
  changes: DocumentChanges,
  bom: Bom,
  { sha256, size, roots, warnings }: BomOptions,
): { readonly document: NodeRef; readonly format: string } {
  const { format } = bom;
  const components = bom.components.map(
    (component) => [component, recordComponent(changes, component, sha256)] as const,
  );
  const [root] = roots;
  const references = createReferences(
    bom.root === null || root === undefined ? components : [[bom.root, root], ...components],
  );
  const dependencies = readDependencies(bom, references, warnings);
  const contained = components.flatMap(([component, recorded]) =>
    component.isContained ? [recorded] : [],
  );
  recordContents(changes, roots, contained, dependencies);
  recordDependencies(changes, dependencies);
  recordAncestors(
    changes,
    bom.root === null || root === undefined ? components : [[bom.root, root], ...components],
    sha256,
  );
  warnOfVulnerabilities(bom, warnings);
  const things = roots.map(({ node }) => node);
  recordVulnerabilities(changes, bom, { references, sha256, roots: things, warnings });
  const completeness = completenessOf(bom, warnings);
  const isInventory = completeness === 'complete' || listsPackages(bom, warnings);
  // last: by now every warning is known
  const document = changes.state('Document', sha256, {
    info: {
      format,
      mediaType: bom.mediaType,
      size,
    },
    name: stated({ name: title(bom.root) }),
    content: {
      issuedAt: bom.issuedAt,
      components: bom.components.length,
      complete: bom.isWhole && isInventory,
      completeness,
    },
    serial: stated({
      serialNumber: bom.serialNumber?.toLowerCase() ?? null,
      bomVersion: bom.serialNumber === null ? null : bomVersion(bom.value),
    }),
    sources: stated({ unsourced: unsourcedIn(bom) }),
    warnings: warningsFacet(warnings),
  });
  for (const { node } of roots) changes.link('DESCRIBES', document, node);
  return { document, format };
}

/** Types of components that may have packages inside, and are none. */
const NOT_PACKAGES = new Set(['file', 'operating-system']);

/** Whether a document lists anything but files and the operating system, as Syft's of an image without a package manager does not. */
function listsPackages({ components }: Bom, warnings: Warnings): boolean {
  const isPackage = ({ purl, type }: Component) => purl !== null || !NOT_PACKAGES.has(type ?? '');
  if (components.length === 0 || components.some(isPackage)) return true;
  warnings.add(
    'components',
    "'components' lists no packages but files and operating systems: what is in these is not known.",
  );
  return false;
}

/** Null where the document says of all packages of distributions what they are built from, or lists none. */
function unsourcedIn({ components }: Bom): string[] | null {
  const listed = components.flatMap(({ purl, source, isContained }) =>
    purl === null || !isContained
      ? []
      : [{ purl, isSourced: source !== null || purl.qualifiers['upstream'] !== undefined }],
  );
  const entries = withoutSources(listed);
  return entries.length === 0 ? null : entries;
}

/** Where the very version is named as its own ancestor, nothing is said. */
function recordAncestors(
  changes: DocumentChanges,
  components: readonly (readonly [Component, Recorded])[],
  sha256: string,
): void {
  for (const [component, { version }] of components) {
    if (version === null) continue;
    for (const ancestor of component.ancestors) {
      const other = recordComponent(changes, ancestor, sha256).version;
      if (other !== null && other.key !== version.key) {
        changes.link('DESCENDS_FROM', version, other);
      }
    }
  }
}

/** An entry without an id, or about nothing, says nothing that a question could meet. */
function warnOfVulnerabilities({ value: { vulnerabilities } }: Bom, warnings: Warnings): void {
  if (vulnerabilities === undefined || vulnerabilities === null) return;
  if (!Array.isArray(vulnerabilities)) {
    warnings.add('vulnerabilities', "'vulnerabilities' must be an array and is left out.");
    return;
  }
  for (const [index, entry] of vulnerabilities.entries()) {
    const at = `vulnerabilities.${index}`;
    const { id, affects } = asObject(entry);
    if (asText(id) === null) warnings.add(at, `'${at}' has no id and is left out.`);
    else if (affects !== undefined && !Array.isArray(affects)) {
      warnings.add(`${at}.affects`, `'${at}.affects' must be an array and is left out.`);
    }
  }
}

/** A document that does not number itself is the first one. */
function bomVersion({ version }: JsonObject): number {
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : 1;
}

function title(root: Component | null): string | null {
  if (root?.name === undefined || root.name === null) return null;
  return root.version === null ? root.name : `${root.name} ${root.version}`;
}
