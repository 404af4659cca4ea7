import { Range } from 'semver';
import { StemmaError } from '../errors.ts';
import { readVers, type Constraint } from './vers.ts';
import { sameVersion } from './version-equal.ts';
import {
  boundOrder,
  isSemverType,
  ORDERED_TYPES,
  versionOrder,
  type VersionOrder,
} from './version-order.ts';

/** Whether a version is meant; null where that cannot be told, because the version cannot be read. */
export type VersionRange = (version: string) => boolean | null;

/** Longer than the ranges of advisories with many fixed branches. */
const MAX_LENGTH = 4096;

/** Schemes of VERS by another name than the type of package URLs. */
const SCHEMES: Readonly<Record<string, string>> = { alpine: 'apk', arch: 'alpm' };

/**
 * A range of versions of packages of a type: VERS (`vers:npm/>=1.0.0|<1.2.3`), or of npm packages also as npm writes it
 * (`>=1.0.0 <1.2.3`). A range is an interval by order, so `<1.0.0` has `1.0.0-rc.1` in it. Of types without an order, VERS can list
 * versions and exceptions.
 *
 * @throws StemmaError BAD_USER_INPUT
 * @see https://github.com/package-url/vers-spec
 */
export function parseRange(type: string, text: string): VersionRange {
  const range = text.trim();
  if (range === '') throw refused("A range is empty: leave 'range' out to ask for all versions.");
  if (range.length > MAX_LENGTH) {
    throw refused(
      `A range has ${range.length} characters; at most ${MAX_LENGTH} are allowed: list the versions that you mean with 'versions'.`,
    );
  }
  if (range.startsWith('vers:')) return parseVers(type, range);
  const order = versionOrder(type);
  if (order === null) throw unordered(type);
  if (type === 'npm') return parseNpm(range, order);
  throw invalid(range, "it does not begin with 'vers:'", type);
}

const UPPER_BOUND = /<\s*v?(\d+)(?:\.(\d+|[xX*]))?(?:\.[xX*])?(?=\s|\||$)/g;

function parseNpm(text: string, order: VersionOrder): VersionRange {
  // npm reads `<1.2` as `<1.2.0-0`, which would leave out the pre-releases of 1.2.0
  const full = text.replaceAll(
    UPPER_BOUND,
    (_, major: string, minor?: string) => `<${major}.${Number(minor) || 0}.0`,
  );
  let range: Range;
  try {
    range = new Range(full, { includePrerelease: true });
  } catch (cause) {
    throw invalid(text, 'npm cannot read it', 'npm', cause);
  }
  return (version) => (order(version, version) === null ? null : range.test(version));
}

function parseVers(type: string, text: string): VersionRange {
  const vers = readVers(text);
  if ('problem' in vers) throw invalid(text, vers.problem, type);
  const { scheme, constraints } = vers;
  if (constraints.length === 0 && (scheme === 'all' || scheme === 'none')) {
    return () => scheme === 'all';
  }
  if (!isSchemeOf(scheme, type)) {
    throw invalid(text, `it is about '${scheme}', and the package is of the type '${type}'`, type);
  }
  if (constraints.length === 0) return () => true;
  const order = versionOrder(type);
  const bounds = boundOrder(type);
  if (order === null || bounds === null) return parseList(type, constraints);
  // `introduced: 0` of OSV: from the beginning, whatever the first version of the ecosystem looks like
  const stated = constraints.filter((one) => !(one.comparator === '>=' && one.version === '0'));
  if (stated.length === 0) return () => true;
  for (const { version } of stated) {
    if (bounds(version, version) === null) {
      throw invalid(text, `'${version}' is not a version that ranges of ${type} can have`, type);
    }
  }
  // a list says the same in any order
  if (stated.every(({ comparator }) => comparator === '=')) return parseList(type, stated);
  checkSequence(stated, bounds, (why) => invalid(text, why, type));
  return (version) => contains(stated, version, order);
}

function isSchemeOf(scheme: string, type: string): boolean {
  const named = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : scheme;
  return named === type || (scheme === 'semver' && isSemverType(type));
}

/** Versions one by one, or all but some: that needs no order. */
function parseList(type: string, constraints: readonly Constraint[]): VersionRange {
  const meant = constraints.filter(({ comparator }) => comparator === '=');
  const excepted = constraints.filter(({ comparator }) => comparator === '!=');
  if (meant.length + excepted.length < constraints.length) throw unordered(type);
  return (version) => {
    const isOneOf = (list: readonly Constraint[]): boolean | null => {
      const same = list.map((one) => sameVersion(type, one.version, version));
      return same.includes(true) ? true : same.includes(null) ? null : false;
    };
    if (meant.length > 0) return isOneOf(meant);
    const isExcepted = isOneOf(excepted);
    return isExcepted === null ? null : !isExcepted;
  };
}

const isFrom = ({ comparator }: Constraint): boolean => comparator.startsWith('>');
const isTo = ({ comparator }: Constraint): boolean => comparator.startsWith('<');

/** Versions ascend, each stands there once, and what begins at a version ends at the next one that is not `!=`. */
function checkSequence(
  constraints: readonly Constraint[],
  order: VersionOrder,
  problem: (why: string) => StemmaError,
): void {
  for (const [before, next] of pairs(constraints)) {
    if ((order(next.version, before.version) ?? 0) <= 0) {
      throw problem(
        `its versions must ascend, and '${next.version}' does not come after '${before.version}'`,
      );
    }
  }
  for (const [before, next] of pairs(constraints.filter(({ comparator }) => comparator !== '!='))) {
    if (isFrom(before) !== isTo(next)) {
      const [a, b] = [before, next].map(({ comparator, version }) => `${comparator}${version}`);
      throw problem(`'${b}' cannot follow '${a}'`);
    }
  }
}

function pairs<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.slice(1).map((item, at) => [items[at] as T, item] as const); // one before it there is
}

/** The constraints ascend and alternate, so the next bound above a version tells whether it is inside. */
function contains(
  constraints: readonly Constraint[],
  version: string,
  order: VersionOrder,
): boolean | null {
  const at = constraints.map((constraint) => order(version, constraint.version));
  if (at.includes(null)) return null;
  const same = constraints[at.indexOf(0)];
  if (same !== undefined) return ['=', '<=', '>='].includes(same.comparator);
  const bounds = constraints.filter((constraint) => isFrom(constraint) || isTo(constraint));
  // nothing but exceptions: everything else is meant
  if (bounds.length === 0) return constraints.every(({ comparator }) => comparator === '!=');
  const above = bounds.find((bound) => (order(version, bound.version) ?? 0) < 0);
  const last = bounds.at(-1);
  return above === undefined ? last !== undefined && isFrom(last) : isTo(above);
}

function unordered(type: string): StemmaError {
  return refused(
    `Versions of ${type} packages cannot be put in order here, only those of ${ORDERED_TYPES.join(', ')}: list the versions that you mean with 'versions'.`,
  );
}

function invalid(text: string, why: string, type: string, cause?: unknown): StemmaError {
  const npm = type === 'npm' ? ', or as npm does >=1.0.0 <1.2.3' : '';
  return refused(
    `'${text.slice(0, 120)}' is not a version range: ${why}. Write vers:${type}/>=1.0.0|<1.2.3${npm}.`,
    cause,
  );
}

function refused(message: string, cause?: unknown): StemmaError {
  return new StemmaError('BAD_USER_INPUT', message, { cause, details: { path: 'range' } });
}
