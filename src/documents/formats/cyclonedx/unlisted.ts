import { asArray, asText, isObject, objectsOf, type JsonObject } from '../../json.ts';
import type { Component } from '../../bom/component-facts.ts';
import { meaningOf } from '../../bom/reference-text.ts';

/**
 * What the dependencies of a document need and nothing in it is: a component that was left out of the list. References to services and
 * to other elements of the document are none of these.
 *
 * @see https://cyclonedx.org/docs/1.7/json/#dependencies_items_dependsOn
 */
export function unlistedIn(value: JsonObject, components: readonly Component[]): string[] {
  const known = new Set(
    components.flatMap(({ bomRef, purlText }) =>
      [bomRef, purlText].flatMap((ref) => (ref === null ? [] : meaningOf(ref))),
    ),
  );
  const needed = objectsOf(value['dependencies']).flatMap(({ dependsOn }) =>
    asArray(dependsOn).flatMap((ref) => asText(ref) ?? []),
  );
  const open = [...new Set(needed)].filter((ref) => !known.has(meaningOf(ref)));
  if (open.length === 0) return [];
  const elements = new Set(refsIn(value));
  return open.filter((ref) => !elements.has(ref));
}

/** Every `bom-ref` in a part of a document. */
function* refsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const member of value) yield* refsIn(member);
  if (!isObject(value)) return;
  const ref = asText(value['bom-ref']);
  if (ref !== null) yield ref;
  for (const member of Object.values(value)) yield* refsIn(member);
}
