import type { NodeRef } from '../../../model/node.ts';
import { createChanges } from '../../changes.ts';
import type { JsonObject } from '../../json.ts';
import { createWarnings } from '../../warnings.ts';
import { readBom } from './bom.ts';
import { recordComponent, recordRoot } from '../../bom/component.ts';
import { createReferences } from '../../bom/dependency-graph.ts';

/** A component of a document that another document links to. */
export type LinkedComponent = {
  readonly component: NodeRef;
  /** What the document is about; null where it does not say so. */
  readonly root: NodeRef | null;
};

/**
 * The component that a bom-ref names in a CycloneDX document; null where there is none.
 *
 * @param sha256 of the bytes that were submitted: of the document, or of the attestation that it is in
 * @see https://cyclonedx.org/capabilities/bomlink/
 */
export function linkedComponent(
  value: JsonObject,
  sha256: string,
  bomRef: string,
): LinkedComponent | null {
  const warnings = createWarnings();
  const bom = readBom(value, warnings);
  const changes = createChanges(warnings);
  const root = bom.root === null ? null : recordRoot(changes, bom.root, sha256);
  const components = bom.components.map(
    (component) => [component, recordComponent(changes, component, sha256)] as const,
  );
  const references = createReferences(
    bom.root === null || root === null ? components : [[bom.root, root], ...components],
  );
  const found = references.find(bomRef);
  return found === null ? null : { component: found.node, root: root?.node ?? null };
}
