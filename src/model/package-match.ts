import { StemmaError } from '../errors.ts';
import { parsePurl, type ParsedPurl } from './purl.ts';
import { writePurl } from './purl-text.ts';
import { fitQualifier, spellingsOf, vendorOf } from './qualifier-match.ts';
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
  const text = range ?? (wanted.version === null ? (wanted.qualifiers['vers'] ?? null) : null);
  const versions = text === null ? null : readRange(wanted.type, text);
  return (component) => {
    const name = matchName(wanted, component);
    if (name.result === 'NO') return name;
    const have = wanted.name === component.name ? component : asSource(component);
    const version =
      versions === null
        ? matchVersion(wanted, have)
        : matchRange(versions, wanted, text ?? '', have);
    if (version.result === 'NO') return version;
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

/** Whether package URLs of this type name packages of distributions. */
export function isDistributed(type: string): boolean {
  return DISTRIBUTED.has(type);
}

function matchName(wanted: ParsedPurl, have: ParsedPurl): Match {
  if (wanted.type !== have.type) return { result: 'NO', rule: 'OTHER_TYPE' };
  if (wanted.packageKey === have.packageKey) return YES;
  const other: Match = { result: 'NO', rule: 'OTHER_NAME' };
  if (!isDistributed(wanted.type)) return other;
  const isBuilt = wanted.name !== have.name;
  if (isBuilt && sourceOf(have)?.name !== wanted.name) return other;
  const vendor = matchVendor(wanted, have);
  if (vendor.result !== 'YES' || !isBuilt) return vendor;
  return unknown(`'${have.purl}' is built from the source package that '${wanted.purl}' may name.`);
}

/** NO only where both name a distribution that is known here, each another one. */
function matchVendor(wanted: ParsedPurl, have: ParsedPurl): Match {
  if (wanted.namespace === have.namespace) return YES;
  if (wanted.namespace === null || have.namespace === null) {
    return unknown(`Only one of '${wanted.purl}' and '${have.purl}' names a distribution.`);
  }
  if (!mayBeOneVendor(wanted.namespace, have.namespace)) {
    return { result: 'NO', rule: 'OTHER_NAME' };
  }
  if (vendorOf(wanted.namespace) !== null && vendorOf(have.namespace) !== null) return YES;
  return unknown(
    `Whether '${wanted.namespace}' and '${have.namespace}' are one distribution is not known here.`,
  );
}

/** False only of two distributions that are known here, each another one. Null = not stated. */
export function mayBeOneVendor(one: string | null, other: string | null): boolean {
  if (one === null || other === null || one === other) return true;
  const [a, b] = [vendorOf(one), vendorOf(other)];
  return a === null || b === null || a === b;
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

type ReadRange = { readonly contains: VersionRange } | { readonly problem: string };

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
    const fit = fitQualifier(wanted.type, key, value, stated);
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
