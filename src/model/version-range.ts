import { Range } from 'semver';
import { StemmaError } from '../errors.ts';
import { isSemverType, ORDERED_TYPES, versionOrder, type VersionOrder } from './version-order.ts';

/** Whether a version is meant; null where that cannot be told, because the version cannot be read. */
export type VersionRange = (version: string) => boolean | null;

/** Longer than the ranges of advisories with many fixed branches. */
const MAX_LENGTH = 4096;

/**
 * A range of versions of packages of a type: VERS (`vers:npm/>=1.0.0|<1.2.3`), or of npm packages also as npm writes it
 * (`>=1.0.0 <1.2.3`). A range is an interval by order, so `<1.0.0` has `1.0.0-rc.1` in it.
 *
 * @throws StemmaError BAD_USER_INPUT
 * @see https://github.com/package-url/vers-spec
 */
export function parseRange(type: string, text: string): VersionRange {
  const range = text.trim();
  const order = versionOrder(type);
  if (order === null) {
    throw refused(
      `Versions of ${type} packages cannot be put in order here, only those of ${ORDERED_TYPES.join(', ')}: list the versions that you mean with 'versions'.`,
    );
  }
  if (range === '') throw refused("A range is empty: leave 'range' out to ask for all versions.");
  if (range.length > MAX_LENGTH) {
    throw refused(
      `A range has ${range.length} characters; at most ${MAX_LENGTH} are allowed: list the versions that you mean with 'versions'.`,
    );
  }
  if (range.startsWith('vers:')) return parseVers(type, range, order);
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

type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=';
type Constraint = { readonly comparator: Comparator; readonly version: string };

function parseVers(type: string, text: string, order: VersionOrder): VersionRange {
  const [, scheme = '', list = ''] = /^vers:([^/]*)\/?(.*)$/s.exec(text) ?? [];
  if (scheme !== type && !(scheme === 'semver' && isSemverType(type))) {
    throw invalid(text, `it is about '${scheme}', and the package is of the type '${type}'`, type);
  }
  if (/\s/.test(text)) throw invalid(text, 'there is a space in it', type);
  if (list === '*') return () => true;
  const all = list.split('|').map((part) => parseConstraint(part, text, type));
  // `introduced: 0` of OSV: from the beginning, whatever the first version of the ecosystem looks like
  const constraints = all.filter((one) => !(one.comparator === '>=' && one.version === '0'));
  if (constraints.length === 0) return () => true;
  for (const { version } of constraints) {
    if (order(version, version) === null) {
      throw invalid(text, `'${version}' is no version that ranges of ${type} can have`, type);
    }
  }
  checkSequence(constraints, order, (why) => invalid(text, why, type));
  return (version) => contains(constraints, version, order);
}

function parseConstraint(part: string, range: string, type: string): Constraint {
  const [, comparator = '', encoded = ''] = /^([<>!]=|[<>=])?(.*)$/s.exec(part) ?? [];
  let version: string;
  try {
    version = decodeURIComponent(encoded);
  } catch (cause) {
    throw invalid(range, `'${encoded}' is not percent-encoded as it should be`, type, cause);
  }
  if (version === '') throw invalid(range, `there is no version in '${part}'`, type);
  return { comparator: comparator === '' ? '=' : (comparator as Comparator), version }; // as in the pattern
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

function invalid(text: string, why: string, type: string, cause?: unknown): StemmaError {
  const npm = type === 'npm' ? ', or as npm does >=1.0.0 <1.2.3' : '';
  return refused(
    `'${text.slice(0, 120)}' is no version range: ${why}. Write vers:${type}/>=1.0.0|<1.2.3${npm}.`,
    cause,
  );
}

function refused(message: string, cause?: unknown): StemmaError {
  return new StemmaError('BAD_USER_INPUT', message, { cause, details: { path: 'range' } });
}
