import { compare as comparePep440, explain } from '@renovatebot/pep440';
import { compareBuild, compare as compareSemver, parse, type SemVer } from 'semver';
import { whereStated } from './version-parts.ts';
import { compareAlpine } from './versions/alpine.ts';
import { compareAlpm } from './versions/alpm.ts';
import { compareComposer } from './versions/composer.ts';
import { compareConan } from './versions/conan.ts';
import { compareDebian } from './versions/debian.ts';
import { compareGem } from './versions/gem.ts';
import { compareMaven } from './versions/maven.ts';
import { compareNumbers } from './versions/numbers.ts';
import { compareRpm } from './versions/rpm.ts';

/**
 * How a version stands to another one: negative before it, 0 where both are the same to its ecosystem, positive after it; null where
 * one of them cannot be read.
 */
export type VersionOrder = (version: string, bound: string) => number | null;

type Order = {
  readonly compare: VersionOrder;
  /** Of a stated version and a bound that may each leave out a part; as `compare` where nothing is left out. */
  readonly stated?: VersionOrder;
  readonly isSemver: boolean;
};

const SEMVER: Order = { compare: guarded(semver), isSemver: true };

/** By type of package URL. What is not here has no order at hand that is known to be right, and a wrong one would clear what is affected. */
const ORDERS: Readonly<Record<string, Order>> = {
  alpm: { compare: compareAlpm, stated: whereStated(compareAlpm), isSemver: false },
  apk: { compare: compareAlpine, stated: whereStated(compareAlpine), isSemver: false },
  cargo: SEMVER,
  composer: { compare: compareComposer, isSemver: false },
  conan: { compare: compareConan, isSemver: false },
  cran: { compare: compareNumbers, isSemver: false },
  deb: { compare: compareDebian, stated: whereStated(compareDebian), isSemver: false },
  gem: { compare: compareGem, isSemver: false },
  golang: { compare: guarded(golang), isSemver: true },
  hackage: { compare: compareNumbers, isSemver: false },
  hex: SEMVER,
  julia: SEMVER,
  maven: { compare: maven, isSemver: false },
  npm: SEMVER,
  nuget: { compare: guarded(nuget), isSemver: false },
  pub: { compare: guarded(pub), isSemver: true },
  pypi: { compare: guarded(pypi), isSemver: false },
  rpm: { compare: rpm, stated: whereStated(rpm), isSemver: false },
  swift: SEMVER,
  'vscode-extension': SEMVER,
};

/** Types of package URLs whose versions can be put in order. */
export const ORDERED_TYPES: readonly string[] = Object.keys(ORDERS);

/**
 * The order of what documents state as versions of an ecosystem, by the type of its package URLs; null where there is none that can be
 * trusted.
 */
export function versionOrder(type: string): VersionOrder | null {
  const order = orderOf(type);
  return order?.stated ?? order?.compare ?? null;
}

/** The order in which the bounds of one range stand: what they leave out is not there. */
export function boundOrder(type: string): VersionOrder | null {
  return orderOf(type)?.compare ?? null;
}

/** Whether versions of a type are Semantic Versions, so that a range may call them so. */
export function isSemverType(type: string): boolean {
  return orderOf(type)?.isSemver ?? false;
}

function orderOf(type: string): Order | null {
  return Object.hasOwn(ORDERS, type) ? (ORDERS[type] ?? null) : null;
}

/** The libraries compare numbers as JavaScript numbers, which are exact up to 15 digits. */
function guarded(compare: VersionOrder): VersionOrder {
  return (version, bound) =>
    /\d{16}/.test(version) || /\d{16}/.test(bound) ? null : compare(version, bound);
}

/** A leading `v` is no part of it, and build metadata (`+incompatible` of Go) has no rank. */
function semver(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  return a === null || b === null ? null : compareSemver(a, b);
}

/** Go itself has versions of its own: `go1.20`, `1.21rc2`; modules have Semantic Versions. */
function golang(version: string, bound: string): number | null {
  return semver(goRelease(version), goRelease(bound));
}

function goRelease(text: string): string {
  const found = /^(?:go)?(\d+)\.(\d+)(?:\.(\d+))?(?:(beta|rc)(\d+))?$/.exec(text);
  if (found === null) return text;
  const [, major, minor, patch = '0', word, number] = found;
  return `${major}.${minor}.${patch}${word === undefined ? '' : `-${word}.${number}`}`;
}

/**
 * PEP 440. A local label (`2.1.0+cpu`) marks a build of the same release, so it is not looked at, and no bound may have one.
 *
 * @see https://peps.python.org/pep-0440/#version-specifiers
 */
function pypi(version: string, bound: string): number | null {
  const [a, b] = [explain(version), explain(bound)];
  if (a === null || b?.local !== null) return null;
  return comparePep440(a.public, b.public);
}

/** Semantic Versions, whose build metadata has a rank. @see https://dart.dev/tools/pub/versioning */
function pub(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  return a === null || b === null ? null : compareBuild(a, b);
}

/** A leading `v` is a habit of those who write tags; what does not begin with a number is a name. */
function maven(version: string, bound: string): number | null {
  const [a, b] = [version, bound].map((text) => text.replace(/^v(?=\d)/i, '')) as [string, string]; // two
  return /^\d/.test(a) && /^\d/.test(b) ? compareMaven(a, b) : null;
}

/** What does not begin with a number may be a tag of upstream. */
function rpm(version: string, bound: string): number | null {
  return /^\d/.test(version) && /^\d/.test(bound) ? compareRpm(version, bound) : null;
}

type FourParts = { readonly first: SemVer; readonly fourth: number };

/** Semantic Versions, with one to four numbers, and names of pre-releases whose case does not matter. */
function nuget(version: string, bound: string): number | null {
  return compareFour(parseFour(version.toLowerCase()), parseFour(bound.toLowerCase()));
}

/** Missing numbers are 0. */
function parseFour(text: string): FourParts | null {
  const parts = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(-[^+]+)?(?:\+.*)?$/.exec(text);
  if (parts === null) return null;
  const numbers: readonly (string | undefined)[] = parts.slice(1, 5);
  const [major, minor, patch, fourth = 0] = numbers.map((number) => Number(number ?? 0));
  const first = parse(`${major}.${minor}.${patch}${parts[5] ?? ''}`);
  return first === null ? null : { first, fourth };
}

function compareFour(a: FourParts | null, b: FourParts | null): number | null {
  if (a === null || b === null) return null;
  return a.first.compareMain(b.first) || a.fourth - b.fourth || a.first.comparePre(b.first);
}
