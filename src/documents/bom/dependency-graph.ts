import { refId } from '../../model/node.ts';
import { asArray, asText, clip, objectsOf } from '../json.ts';
import type { DocumentChanges } from '../changes.ts';
import type { Warnings } from '../warnings.ts';
import type { Bom } from './bom.ts';
import type { Component } from './component-facts.ts';
import type { Recorded } from './component.ts';
import { meaningOf } from './reference-text.ts';

/** What the document's own references name. */
export type References = {
  /** The first component with a reference has it. */
  find(ref: string | null): Recorded | null;
  /** Everything that a reference may name: more than one thing where the document gave a reference twice. */
  findAll(ref: string | null): readonly Recorded[];
};

/**
 * References by bom-ref; tools that write none refer by purl. A reference that is written nowhere in just these characters is
 * compared by what it means: some tools encode a purl in one place and not in the other.
 *
 * @see https://github.com/package-url/purl-spec/blob/main/purl-specification.md (canonical form)
 */
export function createReferences(entries: readonly (readonly [Component, Recorded])[]): References {
  const exact = createIndex();
  for (const name of ['bomRef', 'purlText'] as const) {
    const known = new Set(exact.keys()); // a bom-ref comes before a purl of the same text
    for (const [component, recorded] of entries) {
      const ref = component[name];
      if (ref !== null && !known.has(ref)) exact.add(ref, recorded);
    }
  }
  let spelled: Index | null = null;
  const bySpelling = (): Index => {
    if (spelled !== null) return spelled;
    spelled = createIndex();
    for (const ref of exact.keys()) {
      for (const recorded of exact.get(ref)) spelled.add(meaningOf(ref), recorded);
    }
    return spelled;
  };
  const findAll = (ref: string | null): readonly Recorded[] => {
    if (ref === null) return [];
    const found = exact.get(ref);
    return found.length > 0 ? found : bySpelling().get(meaningOf(ref));
  };
  return { find: (ref) => findAll(ref)[0] ?? null, findAll };
}

type Index = ReturnType<typeof createIndex>;

/** Things by reference, each thing once, in the order of the document. */
function createIndex() {
  const found = new Map<string, Map<string, Recorded>>();
  return {
    add(ref: string, recorded: Recorded): void {
      const all = found.get(ref) ?? new Map<string, Recorded>();
      found.set(ref, all);
      const id = refId(recorded.node);
      if (!all.has(id)) all.set(id, recorded);
    },
    get: (ref: string): readonly Recorded[] => [...(found.get(ref)?.values() ?? [])],
    keys: () => found.keys(),
  };
}

type Dependency = { readonly from: Recorded; readonly to: readonly Recorded[] };

/** `dependencies[].dependsOn`: duplicates and missing lists say nothing; references to nothing are counted and named. */
export function readDependencies(
  bom: Bom,
  references: References,
  warnings: Warnings,
): Dependency[] {
  const { dependencies } = bom.value;
  if (dependencies !== undefined && dependencies !== null && !Array.isArray(dependencies)) {
    warnings.add('dependencies', "'dependencies' must be an array and is left out.");
  }
  const dangling = new Set<string>();
  const resolve = (ref: unknown, at: string): Recorded[] => {
    const text = asText(ref);
    const found = references.find(text);
    if (found !== null) return [found];
    if (text === null) warnings.add(at, `'${at}' must be a reference and is left out.`);
    else dangling.add(text);
    return [];
  };
  const found = objectsOf(dependencies).flatMap(({ ref, dependsOn }, index) => {
    if (dependsOn !== undefined && !Array.isArray(dependsOn)) {
      const at = `dependencies.${index}.dependsOn`;
      warnings.add(at, `'${at}' must be an array and is left out.`);
    }
    const to = asArray(dependsOn).flatMap((other, place) =>
      resolve(other, `dependencies.${index}.dependsOn.${place}`),
    );
    return resolve(ref, `dependencies.${index}.ref`).map((from) => ({ from, to }));
  });
  if (dangling.size > 0) {
    const [first = ''] = dangling;
    const is =
      dangling.size === 1 ? 'a reference that names' : `${dangling.size} references that name`;
    warnings.add('dependencies', `'dependencies' has ${is} no component (${clip(first, 100)}).`);
  }
  return found;
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
 * What each root contains. A component is direct where the root depends on it by itself; where the graph does not mention the
 * root, where nothing else depends on it. Without a graph that is not known, and none is.
 *
 * @param roots names of the one thing that the document describes
 */
export function recordContents(
  changes: DocumentChanges,
  roots: readonly Recorded[],
  components: readonly Recorded[],
  dependencies: readonly Dependency[],
): void {
  const own = new Set(
    roots.flatMap(({ node, version }) =>
      version === null ? [refId(node)] : [refId(node), refId(version)],
    ),
  );
  const ofRoot = dependencies.filter(({ from }) => own.has(refId(from.node)));
  const targets = new Set(
    (ofRoot.length > 0 ? ofRoot : dependencies).flatMap(({ to }) =>
      to.map(({ node }) => refId(node)),
    ),
  );
  for (const { node, file } of components) {
    const id = refId(node);
    if (own.has(id)) continue;
    const direct = ofRoot.length > 0 ? targets.has(id) : targets.size > 0 && !targets.has(id);
    for (const root of roots) {
      changes.link('CONTAINS', root.node, node, { direct });
      if (file !== null) changes.link('CONTAINS', root.node, file, { direct });
    }
  }
}
