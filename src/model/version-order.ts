import { compare as comparePep440, explain } from '@renovatebot/pep440';
import { compare as compareSemver, parse, type SemVer } from 'semver';

/**
 * How a version stands to another one: negative before it, 0 where both are the same to its ecosystem, positive after it; null where
 * one of them cannot be read.
 */
export type VersionOrder = (version: string, bound: string) => number | null;

type Order = { readonly compare: VersionOrder; readonly isSemver: boolean };

/**
 * By type of package URL. What is not here has an order that nothing at hand is known to get right (maven, deb, rpm, apk, gem, …), and
 * a wrong order would clear what is affected.
 */
const ORDERS: Readonly<Record<string, Order>> = {
  cargo: { compare: guarded(semver), isSemver: true },
  composer: { compare: guarded(composer), isSemver: false },
  golang: { compare: guarded(semver), isSemver: true },
  hex: { compare: guarded(semver), isSemver: true },
  npm: { compare: guarded(semver), isSemver: true },
  nuget: { compare: guarded(nuget), isSemver: false },
  pypi: { compare: guarded(pypi), isSemver: false },
};

/** Types of package URLs whose versions can be put in order. */
export const ORDERED_TYPES: readonly string[] = Object.keys(ORDERS);

/** The order of the versions of an ecosystem, by the type of its package URLs; null where there is none that can be trusted. */
export function versionOrder(type: string): VersionOrder | null {
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

type FourParts = { readonly first: SemVer; readonly fourth: number };

/** Semantic Versions, with one to four numbers, and names of pre-releases whose case does not matter. */
function nuget(version: string, bound: string): number | null {
  return compareFour(parseFour(version.toLowerCase()), parseFour(bound.toLowerCase()));
}

/** Only releases: where `-beta2`, `-RC1`, `-patch1` and branches stand is a matter of Composer's own. */
function composer(version: string, bound: string): number | null {
  const parseRelease = (text: string) =>
    /^v?\d{1,5}(?:\.\d+){0,3}$/.test(text) ? parseFour(text.replace('v', '')) : null;
  return compareFour(parseRelease(version), parseRelease(bound));
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
