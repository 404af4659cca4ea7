import { isDistributed, mayBeOneVendor } from './package-match.ts';
import type { ParsedPurl } from './purl.ts';

/**
 * Distributions build several packages from one source, and their advisories name the source. A document that lists packages and not
 * their sources cannot be compared with those.
 */

/** Types whose advisories name sources (Debian's and Ubuntu's trackers, Alpine's secdb); those of the others name packages. */
const BY_SOURCE = new Set(['apk', 'deb']);
const SOURCE_ARCHITECTURES = new Set(['source', 'src', 'nosrc']);

/**
 * Whether a reference may name a source package rather than one that is installed.
 *
 * @param isKnown whether some document names it as the source of a package that is called otherwise
 */
export function mayBeSource({ type, qualifiers }: ParsedPurl, isKnown: boolean): boolean {
  if (!isDistributed(type)) return false;
  const { arch } = qualifiers;
  if (arch !== undefined) return SOURCE_ARCHITECTURES.has(arch.toLowerCase());
  return BY_SOURCE.has(type) || isKnown;
}

/** A package in a document, and whether the document says what it is built from. */
export type ListedPackage = { readonly purl: ParsedPurl; readonly isSourced: boolean };

/**
 * The distributions whose packages a document lists without their sources, each as `type/namespace` (`-` for none), with `/name` where it
 * is one package only. A document that names the source of any package does so of every package that is not called as its source is:
 * so Syft writes it.
 */
export function withoutSources(listed: readonly ListedPackage[]): string[] {
  const packages = listed.filter(({ purl }) => isDistributed(purl.type));
  const sourced = new Set(packages.flatMap(({ purl, isSourced }) => (isSourced ? purl.type : [])));
  const names = new Map<string, Set<string>>();
  for (const { purl } of packages) {
    if (sourced.has(purl.type)) continue;
    const key = `${purl.type}/${encodeURIComponent(purl.namespace ?? '-')}`;
    names.set(key, (names.get(key) ?? new Set()).add(purl.name));
  }
  return [...names]
    .map(([key, [name = '', ...others]]) =>
      others.length === 0 ? `${key}/${encodeURIComponent(name)}` : key,
    )
    .sort();
}

/** Whether something that an entry of withoutSources stands for may be built from a source. */
export function mayBeBuiltFrom(entry: string, source: ParsedPurl): boolean {
  const [type, namespace = '-', name] = entry.split('/').map(decodeURIComponent);
  return (
    type === source.type &&
    name !== source.name &&
    mayBeOneVendor(namespace === '-' ? null : namespace, source.namespace)
  );
}
