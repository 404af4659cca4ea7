import { asArray, asObject, asText, type JsonObject } from '../../json.ts';

/** What the relationships of a document say that a bill of materials has a place for. */
export type Relationships = {
  /** Element → what it describes. */
  readonly described: ReadonlyMap<string, readonly string[]>;
  /** As CycloneDX writes them. */
  readonly dependencies: readonly JsonObject[];
  /** Package → what it was made from, or is a variant of. */
  readonly origins: ReadonlyMap<string, readonly string[]>;
  /** Whether a package is named as something that is not in the thing: a source, a tool, a package for building and testing. */
  isOutside(id: string): boolean;
  /** Whether the document says that there may be more than it lists (`NOASSERTION`). */
  readonly isOpen: boolean;
};

/** `from` needs `to`: [type, whether it is written the other way round]. */
const NEEDS: ReadonlyMap<string, boolean> = new Map([
  ['DEPENDS_ON', false],
  ['DYNAMIC_LINK', false],
  ['STATIC_LINK', false],
  ['HAS_PREREQUISITE', false],
  ['DEPENDENCY_OF', true],
  ['RUNTIME_DEPENDENCY_OF', true],
  ['OPTIONAL_DEPENDENCY_OF', true],
  ['OPTIONAL_COMPONENT_OF', true],
  ['PROVIDED_DEPENDENCY_OF', true],
  ['PREREQUISITE_FOR', true],
]);
/** That one is in the other, as content or as what it needs at run time. */
const INSIDE = new Set([
  'CONTAINED_BY',
  'PACKAGE_OF',
  ...[...NEEDS].flatMap(([type, turned]) => (turned ? [type] : [])),
]);
const HOLDS = new Set([
  'CONTAINS',
  ...[...NEEDS].flatMap(([type, turned]) => (turned ? [] : [type])),
]);
/** One comes from the other; true where the second element comes from the first. */
const ORIGIN: ReadonlyMap<string, boolean> = new Map([
  ['GENERATED_FROM', false],
  ['DESCENDANT_OF', false],
  ['VARIANT_OF', false],
  ['COPY_OF', false],
  ['GENERATES', true],
  ['ANCESTOR_OF', true],
]);
/** The first element is not in the second, and needed at most to make it. What a build links may be in it. */
const FOR = new Set([
  'DEV_DEPENDENCY_OF',
  'TEST_DEPENDENCY_OF',
  'BUILD_TOOL_OF',
  'DEV_TOOL_OF',
  'TEST_TOOL_OF',
  'TEST_OF',
  'TEST_CASE_OF',
  'EXAMPLE_OF',
  'DOCUMENTATION_OF',
  'METAFILE_OF',
  'PATCH_FOR',
]);

/** @see https://spdx.github.io/spdx-spec/v2.3/relationships-between-SPDX-elements/ */
export function readRelationships(value: JsonObject): Relationships {
  const described = new Map<string, string[]>();
  const needs = new Map<string, string[]>();
  const origins = new Map<string, string[]>();
  const [inside, outside] = [new Set<string>(), new Set<string>()];
  let isOpen = false;
  const add = (to: Map<string, string[]>, from: string, other: string): void => {
    const known = to.get(from);
    if (known === undefined) to.set(from, [other]);
    else known.push(other);
  };
  for (const entry of asArray(value['relationships'])) {
    const relationship = asObject(entry);
    const from = asText(relationship['spdxElementId']);
    const to = asText(relationship['relatedSpdxElement']);
    const type = asText(relationship['relationshipType'])?.toUpperCase() ?? '';
    if (from === null || to === null) continue;
    if (to === 'NOASSERTION' || to === 'NONE') {
      isOpen ||= to === 'NOASSERTION' && HOLDS.has(type);
      continue;
    }
    if (type === 'DESCRIBES') add(described, from, to);
    else if (type === 'DESCRIBED_BY') add(described, to, from);
    const turned = NEEDS.get(type);
    if (turned !== undefined) add(needs, turned ? to : from, turned ? from : to);
    if (INSIDE.has(type)) inside.add(from);
    if (HOLDS.has(type)) inside.add(to);
    if (FOR.has(type)) outside.add(from);
    const isReversed = ORIGIN.get(type);
    if (isReversed !== undefined) {
      const [later, earlier] = isReversed ? [to, from] : [from, to];
      add(origins, later, earlier);
      outside.add(earlier);
    }
  }
  return {
    described,
    dependencies: [...needs].map(([ref, dependsOn]) => ({ ref, dependsOn })),
    origins,
    // what one relationship puts inside stays there, whatever else it is
    isOutside: (id) => outside.has(id) && !inside.has(id),
    isOpen,
  };
}
