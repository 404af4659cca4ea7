import { StemmaError } from '../errors.ts';
import { parsePurl, type ParsedPurl } from './purl.ts';
import { writePurl } from './purl-text.ts';
import { fitQualifier, originOf, spellingsOf, vendorOf } from './qualifier-match.ts';
import { isUnreleased } from './unreleased.ts';
import { compareVersions, fullVersion } from './version-equal.ts';
import { parseRange, type VersionRange } from './version-range.ts';

/**
 * What a statement is about: a package URL (with or without version, qualifiers, subpath) and perhaps a range (VERS, or `*`). Without a
 * range, the versions meant are the one of the package URL, the ones of its `vers` qualifier, or else every one.
 */
export type PackageReference = { readonly purl: ParsedPurl; readonly range?: string | null };

/** Which rule tells two packages apart. */
export type Exclusion =
  'OTHER_TYPE' | 'OTHER_NAME' | 'OTHER_VERSION' | 'OUTSIDE_RANGE' | 'OTHER_QUALIFIER';

export type Match =
  | { readonly result: 'YES' }
  | { readonly result: 'NO'; readonly rule: Exclusion }
  /** One sentence that names both values. */
  | { readonly result: 'UNKNOWN'; readonly reason: string };

const YES: Match = { result: 'YES' };

/**
 * Whether a statement is about a package version that an SBOM lists. NO is a proof: what could not be compared is UNKNOWN.
 *
 * @see https://github.com/package-url/purl-spec
 */
export function matchPackage(reference: PackageReference, component: ParsedPurl): Match {
  return packageMatcher(reference)(component);
}

/** Like matchPackage, for many components: the range is read once. */
export function packageMatcher({
  purl: wanted,
  range = null,
}: PackageReference): (component: ParsedPurl) => Match {
  const given = range ?? (wanted.version === null ? (wanted.qualifiers['vers'] ?? null) : null);
  const text = given === null ? null : fromTheBeginning(given);
  const versions = text === null ? null : readRange(wanted.type, text);
  return (component) => {
    const name = matchName(wanted, component);
    if (name.result === 'NO') return name;
    const have = wanted.name === component.name ? component : asSource(component);
    const version =
      versions === null
        ? matchVersion(wanted, have)
        : matchRange(versions, wanted, text ?? '', have);
    if (version.result === 'NO') {
      return isUnreleased(have.version ?? '') ? unreleased(wanted, have) : version;
    }
    const qualifiers = matchQualifiers(wanted, component);
    if (qualifiers.result === 'NO') return qualifiers;
    const all = [name, version, qualifiers, matchSubpath(wanted, component)];
    return all.find(({ result }) => result === 'UNKNOWN') ?? YES;
  };
}

function unknown(reason: string): Match {
  return { result: 'UNKNOWN', reason };
}

/** Types whose namespace is the distribution or vendor that packed it, which many documents leave out. */
const DISTRIBUTED = new Set(['alpm', 'apk', 'deb', 'rpm']);

/** Types whose namespace says who packed it and is left out as often as not: the distribution, Conan's vendor, a layer of Yocto. */
const LOOSE_NAMESPACES = new Set([...DISTRIBUTED, 'conan', 'yocto']);

/** Whether a package of this type may be the same one under another namespace, or without one. */
export function hasLooseNamespace(type: string): boolean {
  return LOOSE_NAMESPACES.has(type);
}

/** Whether package URLs of this type name packages of distributions. */
export function isDistributed(type: string): boolean {
  return DISTRIBUTED.has(type);
}

function matchName(wanted: ParsedPurl, have: ParsedPurl): Match {
  if (wanted.type !== have.type) return { result: 'NO', rule: 'OTHER_TYPE' };
  if (wanted.packageKey === have.packageKey) return YES;
  const other: Match = { result: 'NO', rule: 'OTHER_NAME' };
  if (modulesOf(wanted).includes(have.packageKey)) {
    return unknown(`'${wanted.packageKey}' may be a package of the module '${have.purl}'.`);
  }
  if (!hasLooseNamespace(wanted.type)) return other;
  const isBuilt = wanted.name !== have.name;
  if (isBuilt && sourceOf(have)?.name !== wanted.name) return other;
  const vendor = matchVendor(wanted, have);
  if (vendor.result !== 'YES' || !isBuilt) return vendor;
  return unknown(`'${have.purl}' is built from the source package that '${wanted.purl}' may name.`);
}

/**
 * Keys of the Go modules that a path may be a package of: GitHub's advisories name packages (`golang.org/x/crypto/ssh`), and documents
 * list modules. A path that ends in its major version is a module itself.
 *
 * @see https://go.dev/ref/mod#module-path
 */
export function modulesOf({ type, packageKey }: ParsedPurl): string[] {
  if (type !== 'golang') return [];
  const path = packageKey.split('/');
  // a host and a name at least: `pkg:golang`, `golang.org`, `x`
  const shorter = path.map((_, at) => path.slice(0, at + 1)).slice(2, -1);
  return shorter
    .filter((one) => !/^v\d+$/.test(path[one.length] ?? ''))
    .map((one) => one.join('/'));
}

/** NO only where both name a distribution that is known here, neither of them built from the other. */
function matchVendor(wanted: ParsedPurl, have: ParsedPurl): Match {
  if (wanted.namespace === have.namespace) return YES;
  if (wanted.namespace === null || have.namespace === null) {
    return unknown(`Only one of '${wanted.purl}' and '${have.purl}' says who packed it.`);
  }
  if (!mayBeOneVendor(wanted.namespace, have.namespace)) {
    return { result: 'NO', rule: 'OTHER_NAME' };
  }
  const [a, b] = [vendorOf(wanted.namespace), vendorOf(have.namespace)];
  if (a !== null && a === b) return YES;
  return unknown(
    a !== null && b !== null
      ? `'${have.namespace}' builds from what '${wanted.namespace}' builds from, and says nothing of '${have.name}'.`
      : `Whether '${wanted.namespace}' and '${have.namespace}' are one distribution is not known here.`,
  );
}

/** False only of two distributions that are known here, neither of them built from the other. Null = not stated. */
export function mayBeOneVendor(one: string | null, other: string | null): boolean {
  if (one === null || other === null || one === other) return true;
  const [a, b] = [vendorOf(one), vendorOf(other)];
  return a === null || b === null || originOf(a) === originOf(b);
}

/** A package of a distribution under each other name of its vendor: `pkg:rpm/redhat/bash` of `pkg:rpm/rhel/bash`. */
export function underOtherNames(purl: ParsedPurl): ParsedPurl[] {
  const { namespace } = purl;
  if (namespace === null || !isDistributed(purl.type)) return [];
  const vendor = vendorOf(namespace);
  return vendor === null
    ? []
    : spellingsOf(vendor)
        .filter((name) => name !== namespace)
        .map((name) => parsePurl(writePurl({ ...purl, namespace: name })));
}

/** The source package that a distribution's package is built from. */
export type SourcePackage = {
  readonly name: string;
  /** Null where the package has the version of its source. */
  readonly version: string | null;
};

/**
 * Reads what Syft writes of it, `upstream=<name>[@<version>]`, for RPM `<name>-<version>-<release>.src.rpm`; null where nothing is
 * stated, or the package has the name of its source.
 */
export function sourceOf({ type, name, qualifiers }: ParsedPurl): SourcePackage | null {
  const upstream = qualifiers['upstream'];
  if (upstream === undefined || !isDistributed(type)) return null;
  const [, rpm, release] = /^(.+)-([^-]+-[^-]+)\.src\.rpm$/.exec(upstream) ?? [];
  const [, plain = '', version] = /^([^@]+)(?:@(.*))?$/.exec(upstream) ?? [];
  const source = { name: rpm ?? plain, version: release ?? version ?? null };
  return source.name === '' || source.name === name ? null : source;
}

/** The source of a package in its place, as far as versions go: its package URL is still the one to be named. */
function asSource(component: ParsedPurl): ParsedPurl {
  const version = sourceOf(component)?.version ?? component.version;
  return { ...component, version };
}

function matchVersion(wanted: ParsedPurl, have: ParsedPurl): Match {
  if (wanted.version === null) return YES;
  if (have.version === null) return versionless(wanted, have);
  const same = compareVersions(wanted, have);
  if (same === true) return YES;
  if (same === false) return { result: 'NO', rule: 'OTHER_VERSION' };
  return unknown(
    `Whether '${have.version}' is the version '${wanted.version}' of '${wanted.packageKey}' cannot be told.`,
  );
}

function versionless(wanted: ParsedPurl, have: ParsedPurl): Match {
  return unknown(`'${have.purl}' states no version, and '${wanted.purl}' is about some versions.`);
}

function unreleased(wanted: ParsedPurl, have: ParsedPurl): Match {
  return unknown(
    `'${have.purl}' has the version that stands for a build without a release, and '${wanted.purl}' is about some versions.`,
  );
}

type ReadRange = { readonly contains: VersionRange } | { readonly problem: string };

/**
 * A range without the bound `>=0.0.0`, by which advisories mean the beginning, like `introduced: 0` of OSV: Go's name of a commit before
 * any tag (`v0.0.0-20200101000000-…`) is in it, although it comes before `0.0.0`.
 */
function fromTheBeginning(range: string): string {
  const rest = range.replace(/^(vers:[^/|]+\/)\s*>=\s*v?0(?:\.0)+(?:-0)?\s*(?:\||$)/i, '$1');
  return rest.endsWith('/') && rest !== range ? `${rest}*` : rest;
}

/** Ranges of every version, which need no order. */
const EVERY = /^(?:vers:(?!none\/)[^/]+\/)?\*$/;

function readRange(type: string, text: string): ReadRange {
  if (EVERY.test(text.trim())) return { contains: () => true };
  try {
    return { contains: parseRange(type, text) };
  } catch (cause) {
    if (!(cause instanceof StemmaError)) throw cause;
    return { problem: cause.message };
  }
}

/** Why no version can be compared with a range; null where it can be. */
export function rangeProblem(type: string, text: string): string | null {
  const range = readRange(type, text);
  return 'problem' in range ? range.problem : null;
}

function matchRange(range: ReadRange, wanted: ParsedPurl, text: string, have: ParsedPurl): Match {
  if ('contains' in range && EVERY.test(text.trim())) return YES;
  if (have.version === null) return versionless(wanted, have);
  if ('problem' in range) {
    return unknown(
      `'${have.version}' was not compared with '${text.slice(0, 120)}': ${range.problem}`,
    );
  }
  const inside = range.contains(fullVersion(have) ?? have.version);
  if (inside === true) return YES;
  if (inside === false) return { result: 'NO', rule: 'OUTSIDE_RANGE' };
  return unknown(
    `'${have.version}' cannot be put in the order of ${have.type} versions, so whether '${text.slice(0, 120)}' has it in it cannot be told.`,
  );
}

function matchQualifiers(wanted: ParsedPurl, have: ParsedPurl): Match {
  let open: Match | null = null;
  for (const [key, value] of Object.entries(wanted.qualifiers)) {
    const stated = have.qualifiers[key] ?? null;
    const fit = fitQualifier(wanted.type, key, [value, wanted.namespace], [stated, have.namespace]);
    if (fit === 'NO') return { result: 'NO', rule: 'OTHER_QUALIFIER' };
    if (fit === 'UNKNOWN') {
      const other = stated === null ? 'states none' : `has '${stated}'`;
      open ??= unknown(`'${wanted.purl}' is about '${key}=${value}', and '${have.purl}' ${other}.`);
    }
  }
  return open ?? YES;
}

/** A path has what is below it; the package has every path. */
function matchSubpath(wanted: ParsedPurl, have: ParsedPurl): Match {
  const [a, b] = [wanted.subpath, have.subpath];
  if (a === null || b === null) return YES;
  if (`${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)) return YES;
  return unknown(`'${wanted.purl}' is about the path '${a}', and '${have.purl}' has '${b}'.`);
}
