import { qualifierOf } from './purl-types.ts';
import { entryOf } from './table.ts';

/** Whether what has the second value of a qualifier is meant by what states the first. */
export type Fit = 'YES' | 'NO' | 'UNKNOWN';

type Stated<Value> = readonly [value: Value, namespace: string | null];

/**
 * Compares a qualifier that a reference states with what a component states about it. NO only where nothing can have both values.
 *
 * @param reference its value, and the namespace beside it
 * @param component the same of the component; null where it states none
 */
export function fitQualifier(
  type: string,
  key: string,
  [wanted, vendor]: Stated<string>,
  [stated, ownVendor]: Stated<string | null>,
): Fit {
  const { kind, default: standard } = qualifierOf(type, key);
  if (kind === 'IGNORED' || kind === 'VERSION') return 'YES';
  const have = stated ?? standard ?? null;
  if (have === null) return 'UNKNOWN';
  if (have === wanted) return 'YES';
  const fit =
    kind === 'DISTRO'
      ? fitDistro(distroOf(wanted, vendor), distroOf(have, ownVendor))
      : compare(kind, wanted, have);
  // what is only supposed excludes nothing
  return stated === null && fit === 'NO' ? 'UNKNOWN' : fit;
}

function compare(kind: string, wanted: string, have: string): Fit {
  switch (kind) {
    case 'EXACT':
      return wanted.toLowerCase() === have.toLowerCase() ? 'UNKNOWN' : 'NO';
    case 'ARCH':
    case 'PLATFORM':
      return fitPlatform(platformOf(wanted), platformOf(have));
    case 'PACKAGING':
      return fitPackaging(wanted, have);
    case 'LOCATION':
      return locationOf(wanted) === locationOf(have) ? 'YES' : 'UNKNOWN';
    default:
      return 'UNKNOWN';
  }
}

/**
 * Architectures in the spellings of Debian, RPM, Alpine, Go, Ruby and conda. `all`, `noarch`, `any` and sources are not here: a package
 * that is for every architecture, or from which they are built, may be meant by what names one.
 */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  ...same('x86_64', ['amd64', 'x64', 'x86-64', 'x86_64_v2', 'win-64', 'linux-64', 'osx-64']),
  ...same('x86', ['386', 'i386', 'i486', 'i586', 'i686', 'ia32', 'linux-32', 'win-32']),
  ...same('aarch64', ['arm64', 'arm64v8']),
  ...same('armv7', ['armhf', 'armv7l', 'armv7hl', 'arm32v7']),
  ...same('armv6', ['armel', 'armv6l', 'armv6hl', 'arm32v6']),
  ...same('ppc64le', ['ppc64el', 'powerpc64le']),
  ...same('ppc64', ['powerpc64']),
  ...same('s390x', []),
  ...same('riscv64', ['riscv64gc']),
  ...same('loongarch64', ['loong64']),
  ...same('mips64le', ['mips64el']),
  ...same('mipsle', ['mipsel']),
};

const SYSTEMS: Readonly<Record<string, string>> = {
  ...same('linux', ['alpine', 'linux-gnu', 'linux-musl']),
  ...same('darwin', ['macos', 'osx', 'mac']),
  ...same('windows', ['win', 'win32', 'win64', 'mingw', 'mingw32', 'mswin']),
  ...same('freebsd', []),
  // of gems, beside the operating systems
  ...same('java', ['jruby']),
  ...same('ruby', []),
};

function same(name: string, spellings: readonly string[]): Record<string, string> {
  return Object.fromEntries([name, ...spellings].map((spelling) => [spelling, name]));
}

function lookup(table: Readonly<Record<string, string>>, word: string): string | null {
  return Object.hasOwn(table, word) ? (table[word] ?? null) : null;
}

type Platform = {
  readonly arch: string | null;
  readonly system: string | null;
  /** Whether every part of the text is known. */
  readonly known: boolean;
};

function platformOf(text: string): Platform {
  const lower = text.toLowerCase();
  const whole = lookup(ARCHITECTURES, lower);
  const parts = lower.split(/[/-]/);
  let arch = whole;
  let system: string | null = null;
  let known = true;
  if (whole === null || parts.length > 1) {
    for (const part of parts) {
      const [a, s] = [lookup(ARCHITECTURES, part), lookup(SYSTEMS, part)];
      if (a !== null) arch ??= a;
      else if (s !== null) system ??= s;
      else known = known && whole !== null;
    }
  }
  return { arch, system, known };
}

function fitPlatform(wanted: Platform, have: Platform): Fit {
  const differs = (a: string | null, b: string | null): boolean =>
    a !== null && b !== null && a !== b;
  if (differs(wanted.arch, have.arch) || differs(wanted.system, have.system)) return 'NO';
  const covered = (a: string | null, b: string | null): boolean => a === null || a === b;
  const isMeant =
    wanted.known && covered(wanted.arch, have.arch) && covered(wanted.system, have.system);
  return isMeant && have.known ? 'YES' : 'UNKNOWN';
}

/** Releases by their code names. @see https://wiki.debian.org/DebianReleases, https://releases.ubuntu.com */
const CODE_NAMES: Readonly<Record<string, string>> = {
  ...{ jessie: 'debian-8', stretch: 'debian-9', buster: 'debian-10', bullseye: 'debian-11' },
  ...{ bookworm: 'debian-12', trixie: 'debian-13' },
  ...{ trusty: 'ubuntu-14.04', xenial: 'ubuntu-16.04', bionic: 'ubuntu-18.04' },
  ...{ focal: 'ubuntu-20.04', jammy: 'ubuntu-22.04', noble: 'ubuntu-24.04' },
};

const VENDORS: Readonly<Record<string, string>> = {
  ...same('redhat', ['rhel', 'el']),
  ...same('amazon', ['amzn', 'amazonlinux']),
  ...same('oracle', ['ol', 'oraclelinux']),
  ...same('suse', ['sles', 'sled']),
  ...same('opensuse', ['opensuse.leap', 'opensuse-leap', 'leap']),
  ...same('debian', []),
  ...same('ubuntu', []),
  ...same('alpine', []),
  ...same('fedora', ['fc']),
  ...same('centos', []),
  ...same('rocky', ['rockylinux']),
  ...same('alma', ['almalinux']),
  ...same('wolfi', []),
  ...same('chainguard', []),
  ...same('photon', []),
  ...same('mageia', []),
  ...same('openeuler', []),
  ...same('azurelinux', ['mariner', 'cbl-mariner']),
  ...same('kali', []),
  ...same('raspbian', []),
  ...same('arch', ['archlinux']),
  ...same('openwrt', []),
};

/** The vendor of a distribution in one spelling; null where it is not known here. */
export function vendorOf(name: string): string | null {
  return lookup(VENDORS, name.toLowerCase());
}

/** Every spelling of a vendor, the common one first; none where it is not known here. */
export function spellingsOf(vendor: string): string[] {
  return Object.keys(VENDORS).filter((name) => VENDORS[name] === vendor);
}

/**
 * Distributions that build the sources of another one again, mostly without advisories of their own: what is said of a version there is
 * no proof that the same version here is sound.
 */
const REBUILDS: Readonly<Record<string, string>> = {
  ...{ centos: 'redhat', rocky: 'redhat', alma: 'redhat', oracle: 'redhat' },
  ...{ raspbian: 'debian', kali: 'debian', opensuse: 'suse', chainguard: 'wolfi' },
};

/** The vendor whose sources a vendor builds: itself, for most. */
export function originOf(vendor: string): string {
  return entryOf(REBUILDS, vendor) ?? vendor;
}

/** How many numbers of a version name a release; the others are its updates. */
const RELEASE_NUMBERS: Readonly<Record<string, number>> = { ubuntu: 2, alpine: 2, opensuse: 2 };

type Distro = { readonly vendor: string; readonly version: readonly string[] };

/** @param namespace the distribution, where the text is its release alone, as Trivy writes it of Alpine (`distro=3.18.4`) */
function distroOf(text: string, namespace: string | null): Distro | null {
  const isRelease = /^v?\d+(?:\.\d+)*$/.test(text);
  const lower = `${isRelease && namespace !== null ? `${namespace}-` : ''}${text}`.toLowerCase();
  const full = lookup(CODE_NAMES, lower.replace(/^(debian|ubuntu)-/, '')) ?? lower;
  const [, name = '', version = ''] = /^(.*?)(?:[-:/ ]v?(\d+(?:\.\d+)*))?$/.exec(full) ?? [];
  const vendor = vendorOf(name);
  return vendor === null ? null : { vendor, version: version === '' ? [] : version.split('.') };
}

function fitDistro(wanted: Distro | null, have: Distro | null): Fit {
  if (wanted === null || have === null) return 'UNKNOWN';
  if (wanted.vendor !== have.vendor) {
    return originOf(wanted.vendor) === originOf(have.vendor) ? 'UNKNOWN' : 'NO';
  }
  const numbers = entryOf(RELEASE_NUMBERS, wanted.vendor) ?? 1;
  const at = wanted.version.findIndex((number, index) => number !== have.version[index]);
  if (at === -1) return 'YES';
  return at < numbers && have.version[at] !== undefined ? 'NO' : 'UNKNOWN';
}

/** The files that packagings make. @see https://maven.apache.org/ref/current/maven-core/artifact-handlers.html */
const EXTENSIONS: Readonly<Record<string, string>> = {
  ...same('jar', ['bundle', 'maven-plugin', 'ejb', 'eclipse-plugin']),
  ...Object.fromEntries(['pom', 'war', 'ear', 'rar', 'aar', 'zip'].map((name) => [name, name])),
  ...same('tar.gz', ['tgz']),
};

function fitPackaging(wanted: string, have: string): Fit {
  const [a, b] = [lookup(EXTENSIONS, wanted), lookup(EXTENSIONS, have)];
  if (a === null || b === null) return 'UNKNOWN';
  return a === b ? 'YES' : 'NO';
}

function locationOf(text: string): string {
  const bare = text.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const slash = bare.indexOf('/');
  const host = (slash === -1 ? bare : bare.slice(0, slash)).toLowerCase().replace(/^www\./, '');
  return `${host}${slash === -1 ? '' : bare.slice(slash)}`.replace(/\/+$/, '');
}
