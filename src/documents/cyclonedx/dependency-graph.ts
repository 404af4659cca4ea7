import type { NodeRef } from '../../model/node.ts';
import { refId } from '../../model/node.ts';
import { asArray, asText, objectsOf } from '../json.ts';
import type { DocumentChanges } from '../changes.ts';
import type { Bom, Component } from './bom.ts';
import type { Recorded } from './component.ts';

/** What the document's own references name; the first component with a reference has it. */
export type References = {
  find(ref: string | null): Recorded | null;
};

/** References by bom-ref; tools that write none refer by purl. */
export function createReferences(entries: readonly (readonly [Component, Recorded])[]): References {
  const known = new Map<string, Recorded>();
  for (const name of ['bomRef', 'purlText'] as const) {
    for (const [component, recorded] of entries) {
      const ref = component[name];
      if (ref !== null && !known.has(ref)) known.set(ref, recorded);
    }
  }
  return { find: (ref) => (ref === null ? null : (known.get(ref) ?? null)) };
}

type Dependency = { readonly from: Recorded; readonly to: readonly Recorded[] };

/** `dependencies[].dependsOn`: dangling references, duplicates and missing lists say nothing. */
export function readDependencies(bom: Bom, references: References): Dependency[] {
  return objectsOf(bom.value['dependencies']).flatMap(({ ref, dependsOn }) => {
    const from = references.find(asText(ref));
    if (from === null) return [];
    return [
      { from, to: asArray(dependsOn).flatMap((other) => references.find(asText(other)) ?? []) },
    ];
  });
}

/** What depends on what within this document; cycles are as normal as they are in reality. */
export function recordDependencies(
  changes: DocumentChanges,
  dependencies: readonly Dependency[],
): void {
  for (const { from, to } of dependencies) {
    for (const other of to) {
      if (from.version !== null && other.version !== null) {
        changes.link('DEPENDS_ON', from.version, other.version);
      }
    }
  }
}

/**
 * What the root contains. A component is direct where the root depends on it by itself; where the graph does not mention the
 * root, where nothing else depends on it; without a graph, always.
 */
export function recordContents(
  changes: DocumentChanges,
  root: Recorded,
  components: readonly Recorded[],
  dependencies: readonly Dependency[],
): void {
  const isRoot = (node: NodeRef) =>
    refId(node) === refId(root.node) ||
    (root.version !== null && refId(node) === refId(root.version));
  const ofRoot = dependencies.filter(({ from }) => isRoot(from.node));
  const targets = new Set(
    (ofRoot.length > 0 ? ofRoot : dependencies).flatMap(({ to }) =>
      to.map(({ node }) => refId(node)),
    ),
  );
  for (const { node } of components) {
    if (!isRoot(node)) {
      const direct = ofRoot.length > 0 ? targets.has(refId(node)) : !targets.has(refId(node));
      changes.link('CONTAINS', root.node, node, { direct });
    }
  }
}
