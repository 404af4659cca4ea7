import type { Changes } from '../../src/model/change.ts';
import { INDEXED_PROPERTIES } from '../../src/model/indexed.ts';

/** The longest value, in bytes, that an index has to keep of what an event or a document says. */
export function longestIndexed(changes: Changes): number {
  const { subject, nodes, edges, edgeEndings = [], nodeEndings = [] } = changes;
  const keys = [
    ...(subject === null ? [] : [subject]),
    ...[...nodes, ...nodeEndings],
    ...[...edges, ...edgeEndings].flatMap(({ from, to }) => [from, to]),
  ].map(({ key }) => key);
  const properties = nodes.flatMap(({ label, facets }) =>
    Object.values(facets).flatMap((facet) =>
      (INDEXED_PROPERTIES[label] ?? []).map((name) => String(facet[name])),
    ),
  );
  return Math.max(0, ...[...keys, ...properties].map((text) => Buffer.byteLength(text)));
}

/** Where a value has texts, as paths. */
export function textPathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'string') return [[...path]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => textPathsOf(member, [...path, name]));
}

/** A copy with another text in one place. */
export function withText(
  value: unknown,
  [first = '', ...rest]: readonly string[],
  text: string,
): unknown {
  const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  const old: unknown = Reflect.get(copy, first);
  Reflect.set(copy, first, rest.length === 0 ? text : withText(old, rest, text));
  return copy;
}

const LINK = 'urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1';

/** As long as an identifier may be, or longer, of characters that take three bytes, or nine once they are percent-encoded. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  'a name': '漢'.repeat(2048),
  'a URL': `https://git.example.com/${'漢'.repeat(2000)}`,
  'a URL of a run': `https://git.example.com/${'漢'.repeat(1000)}/x/actions/runs/1`,
  'a package URL': `pkg:npm/${'漢'.repeat(2000)}@1.0.0`,
  'a BOM-Link': `${LINK}#${'漢'.repeat(1900)}`,
  'an image': `registry.example.com/${'x'.repeat(2020)}`,
  'a long name': '漢'.repeat(20_000),
};
