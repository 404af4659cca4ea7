import type { NamedLabel, NameReader } from '../../graph/read/names.ts';
import { CATALOGUE } from '../../model/events/catalogue.ts';
import { unknownName } from '../../model/nearest.ts';
import { isNodeLabel, NODE_LABELS, type NodeLabel } from '../../model/node.ts';
import { otherSpellings, type RepositoryReader } from './other-spellings.ts';

/** So many are compared with a name that nothing has. */
const COMPARED = 2_000;

export type MeaningReader = Pick<NameReader, 'known' | 'keysOf'> & RepositoryReader;
type Facets = Pick<NameReader, 'scopes' | 'purlTypes'>;

/**
 * What a filter means: the names that it gives and, of what lies within a repository, the same under each other name that the repository
 * has.
 *
 * @param names keys, or names in any scope; null = all
 */
export async function meant(
  reader: RepositoryReader,
  names: readonly string[] | null,
): Promise<readonly string[] | null> {
  if (names === null) return null;
  const others = await Promise.all(names.map(async (name) => otherSpellings(reader, name)));
  return [...new Set([...names, ...others.flat()])];
}

/**
 * A question about an environment that nobody ever named is a question about nothing: "0 affected" would read as an all-clear. An
 * environment that is known and has nothing in it is an honest 0. So with services and repositories.
 *
 * @param names keys, or names in any scope; null = all
 * @returns what they mean
 * @throws StemmaError NOT_FOUND naming the nearest
 */
export async function checkNames(
  reader: MeaningReader,
  label: NamedLabel,
  names: readonly string[] | null,
  path: string,
): Promise<readonly string[] | null> {
  if (names === null || names.length === 0) return names;
  const all = await Promise.all(
    names.map(async (name) => [name, ...(await otherSpellings(reader, name))]),
  );
  const found = await reader.known(label, all.flat());
  const missing = all.find((one) => !one.some((name) => found.has(name)))?.[0];
  if (missing === undefined) return [...new Set(all.flat())];
  throw unknownName(label.toLowerCase(), missing, await reader.keysOf(label, COMPARED), path);
}

/** @throws StemmaError NOT_FOUND where no environment is in a scope, naming the nearest that have some */
export async function checkScope(reader: Facets, scope: string, path: string): Promise<void> {
  const scopes = await reader.scopes(COMPARED);
  if (!scopes.includes(scope)) throw unknownName('scope of environments', scope, scopes, path);
}

/** @throws StemmaError NOT_FOUND where no package is of a type, naming the nearest that have some */
export async function checkPurlType(reader: Facets, type: string, path: string): Promise<void> {
  const types = await reader.purlTypes();
  if (!types.includes(type)) throw unknownName('type of packages', type, types, path);
}

/**
 * The label that a text names.
 *
 * @throws StemmaError NOT_FOUND naming the nearest
 */
export function labelNamed(text: string, path: string): NodeLabel {
  if (isNodeLabel(text)) return text;
  throw unknownName('kind of thing', text, NODE_LABELS, path);
}

/**
 * A type of events that the catalogue has, that was registered, or that the log has an event of.
 *
 * @throws StemmaError NOT_FOUND naming the nearest of the catalogue
 */
export async function checkEventType(
  reader: Pick<NameReader, 'hasType'>,
  type: string | null,
  path: string,
): Promise<void> {
  if (type === null || Object.hasOwn(CATALOGUE, type) || (await reader.hasType(type))) return;
  throw unknownName('type of events', type, Object.keys(CATALOGUE), path);
}

/**
 * A source that the log has an event of.
 *
 * @throws StemmaError NOT_FOUND naming those beside it
 */
export async function checkSource(
  reader: Pick<NameReader, 'sourcesNear'>,
  source: string | null,
  path: string,
): Promise<void> {
  if (source === null) return;
  const near = await reader.sourcesNear(source);
  if (!near.includes(source)) throw unknownName('source of events', source, near, path);
}
