import { tryParsePurl, type ParsedPurl } from '../model/purl.ts';
import { withVersion } from '../model/purl-text.ts';
import { entryOf } from '../model/table.ts';
import { vendorOf } from '../model/qualifier-match.ts';

/** Ecosystems whose packages have package URLs of one type, and how a name becomes its namespace and name. */
const TYPES: Readonly<Record<string, string>> = {
  npm: 'npm',
  pypi: 'pypi',
  go: 'golang',
  maven: 'maven',
  'crates.io': 'cargo',
  rubygems: 'gem',
  nuget: 'nuget',
  packagist: 'composer',
  pub: 'pub',
  hex: 'hex',
  swifturl: 'swift',
  conancenter: 'conan',
  cran: 'cran',
  hackage: 'hackage',
  julia: 'julia',
  bitnami: 'bitnami',
  vscode: 'vscode-extension',
  'github actions': 'githubactions',
};

/** Distributions: type and namespace of their package URLs, and whether the release after the colon is their `distro`. */
const DISTRIBUTIONS: Readonly<
  Record<string, readonly [type: string, namespace: string, distro: string | null]>
> = {
  debian: ['deb', 'debian', 'debian'],
  ubuntu: ['deb', 'ubuntu', 'ubuntu'],
  alpine: ['apk', 'alpine', 'alpine'],
  wolfi: ['apk', 'wolfi', null],
  chainguard: ['apk', 'chainguard', null],
  'rocky linux': ['rpm', 'rocky', 'rocky'],
  almalinux: ['rpm', 'almalinux', 'almalinux'],
  'red hat': ['rpm', 'redhat', null],
  'oracle linux': ['rpm', 'oracle', null],
  'amazon linux': ['rpm', 'amazon', null],
  opensuse: ['rpm', 'opensuse', null],
  suse: ['rpm', 'suse', null],
  'suse linux enterprise server': ['rpm', 'suse', null],
  mageia: ['rpm', 'mageia', 'mageia'],
  openeuler: ['rpm', 'openeuler', null],
  'photon os': ['rpm', 'photon', 'photon'],
  'azure linux': ['rpm', 'azurelinux', 'azurelinux'],
};

/** What `affected[].package` names. */
export type AffectedPackage = {
  /** Without version. */
  readonly purl: ParsedPurl;
  /** False where the advisory is about one release of a distribution that a package URL cannot name: of others it says nothing. */
  readonly isExact: boolean;
};

/**
 * The package URL of a package of an ecosystem; null where there is none.
 *
 * @see https://ossf.github.io/osv-schema/#affectedpackage-field, https://ossf.github.io/osv-schema/#defined-ecosystems
 */
export function packageOf(
  ecosystem: string,
  name: string,
  statedPurl: string | null,
): AffectedPackage | null {
  const [system = '', ...suffixes] = ecosystem.split(':');
  const release = suffixes.join(':');
  const distribution = entryOf(DISTRIBUTIONS, system.toLowerCase());
  const stated = statedPurl === null ? null : withoutVersion(statedPurl);
  const base = stated ?? named(system, name, distribution);
  const parsed = base === null ? null : tryParsePurl(base);
  if (parsed === null) return null;
  if (release === '' || distribution === undefined) {
    return { purl: parsed, isExact: release === '' || system.toLowerCase() === 'maven' };
  }
  // what stands in a package URL of Ubuntu (`esm-infra-legacy/trusty`) is no release that packages name
  const stands = parsed.qualifiers['distro'];
  if (stands !== undefined && vendorOf(stands.split('-')[0] ?? '') !== null) {
    return { purl: parsed, isExact: true };
  }
  const number = /^(?:pro:|ubuntu_pro:)?v?(\d+(?:\.\d+)?)(?::|$)/i.exec(release)?.[1];
  const [, , distro] = distribution;
  if (number === undefined || distro === null || /^(?:pro|ubuntu_pro):/i.test(release)) {
    return { purl: parsed, isExact: false };
  }
  const bare = base?.replace(/([?&])distro=[^&#]*/, '$1').replace(/[?&]+$/, '') ?? '';
  const purl = tryParsePurl(`${bare}${bare.includes('?') ? '&' : '?'}distro=${distro}-${number}`);
  return purl === null ? null : { purl, isExact: true };
}

function named(
  system: string,
  name: string,
  distribution: readonly [type: string, namespace: string, distro: string | null] | undefined,
): string | null {
  if (distribution !== undefined) {
    const [type, namespace] = distribution;
    return `pkg:${type}/${namespace}/${encodeURIComponent(name)}`;
  }
  const type = entryOf(TYPES, system.toLowerCase());
  if (type === undefined) return null;
  const path = type === 'maven' ? name.replace(':', '/') : name;
  return `pkg:${type}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function withoutVersion(purl: string): string | null {
  const parsed = tryParsePurl(purl);
  return parsed === null ? null : withVersion(parsed.purl, null);
}
