import { tryParsePurl, type ParsedPurl } from './purl.ts';
import { isUnreleased } from './unreleased.ts';

type Qualifiers = ReadonlyMap<string, string>;
type Rule = (purl: ParsedPurl, qualifiers: Qualifiers) => boolean;

/** One archive for each version, by the rules of the registry that the type is named after. */
const always: Rule = () => true;
const withAll =
  (...names: string[]): Rule =>
  (_, qualifiers) =>
    names.every((name) => qualifiers.has(name));

/**
 * For which purls of a type a version is one file. What is not listed may be several files (composer, github, bitbucket, swift,
 * cocoapods, cran, conan, docker, oci without digest…) and is never an identity.
 *
 * @see https://github.com/package-url/purl-spec/issues/11, /issues/170 (one purl, many files), and each type's definition in
 * https://github.com/package-url/purl-spec/tree/main/types
 */
const RULES: Readonly<Record<string, Rule>> = {
  // one .crate per version: https://doc.rust-lang.org/cargo/reference/registry-index.html (cksum)
  cargo: always,
  // one module zip per version: https://go.dev/ref/mod#zip-files; a subpath is a package within it
  golang: ({ purl }) => !purl.includes('#'),
  // one tarball per version: https://docs.npmjs.com/cli/using-npm/registry; anything but a version is a source, a range or a tag
  npm: ({ version }) => version !== null && /^\d+\.\d+\.\d+(?:[-+]|$)/.test(version),
  // one .nupkg per version: https://learn.microsoft.com/nuget/api/package-base-address-resource
  nuget: always,
  // one tarball per version: https://hex.pm/docs (hex), https://github.com/dart-lang/pub/blob/master/doc/repository-spec-v2.md (pub)
  hex: always,
  pub: always,
  // one gem for each platform, which tools leave out as often as not: https://guides.rubygems.org/platforms
  gem: withAll('platform'),
  // a wheel for each platform and an sdist: https://packaging.python.org/specifications/binary-distribution-format
  pypi: withAll('file_name'),
  // jar, pom, sources, native classifiers: tools write `type=jar` without the classifier that they should
  // (CycloneDX/cyclonedx-maven-plugin#410, sbt/sbt-sbom#152), so that only both are one file, and never one of a snapshot
  maven: (purl, qualifiers) =>
    withAll('type', 'classifier')(purl, qualifiers) && !/-snapshot$/i.test(purl.version ?? ''),
  // one file for each build string, archive format and platform: https://docs.conda.io/projects/conda-build (package naming)
  conda: withAll('build', 'subdir', 'type'),
  // one binary package for each architecture of a vendor; a Debian source package is several files
  deb: (purl, qualifiers) => isBinaryOf(purl, qualifiers) && qualifiers.get('arch') !== 'source',
  rpm: isBinaryOf,
  alpm: isBinaryOf,
  // Alpine builds one version again for each of its branches
  apk: (purl, qualifiers) => isBinaryOf(purl, qualifiers) && qualifiers.has('distro'),
};

/**
 * True where every file of this purl is the same file, so that the file and the package version are one thing. False for a purl
 * without version, with one that moves, or whose type has several files for a version.
 */
export function isFileSpecific(purl: ParsedPurl): boolean {
  if (purl.version === null || purl.mutable || purl.digest !== null) return false;
  const qualifiers = qualifiersOf(purl.purl);
  // a checksum names the bytes, whatever the type
  if (/(?:^|,)(?:sha256|sha384|sha512):/.test(qualifiers.get('checksum') ?? '')) return true;
  if (isUnreleased(purl.version)) return false;
  return Object.hasOwn(RULES, purl.type) && RULES[purl.type]?.(purl, qualifiers) === true;
}

/** Like isFileSpecific, for the key of a PackageVersion; false where it is not a purl. */
export function isFileSpecificKey(key: string): boolean {
  const purl = tryParsePurl(key);
  return purl !== null && isFileSpecific(purl);
}

function isBinaryOf({ namespace }: ParsedPurl, qualifiers: Qualifiers): boolean {
  return namespace !== null && qualifiers.has('arch');
}

function qualifiersOf(purl: string): Qualifiers {
  const [, query = ''] = /\?([^#]*)/.exec(purl) ?? [];
  return new Map(
    query
      .split('&')
      .map((pair) => pair.split('='))
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
}
