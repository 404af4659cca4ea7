import { digestProblem } from './digest.ts';
import type { ParsedPurl } from './purl.ts';
import { versionOrder } from './version-order.ts';
import { isPartOf } from './version-parts.ts';
import { entryOf } from './table.ts';

/**
 * Whether two package URLs of one package state one version; null where that cannot be told. Versions are equal by the order of their
 * ecosystem where there is one, else by their texts without what writers add or leave out.
 */
export function compareVersions(wanted: ParsedPurl, have: ParsedPurl): boolean | null {
  const [a, b] = [fullVersion(wanted), fullVersion(have)];
  return a === null || b === null ? null : sameVersion(wanted.type, a, b);
}

/** Like compareVersions, of two versions with their epochs. */
export function sameVersion(type: string, a: string, b: string): boolean | null {
  if (a === b) return true;
  if (type === 'oci' || type === 'docker') return sameImage(a, b);
  const order = versionOrder(type);
  const found = order?.(b, a) ?? null;
  if (found === 0) return true;
  if (isPartOf(type, a, b)) return null;
  if (order === null) return sameText(a, b);
  if (withoutV(a) === withoutV(b)) return null;
  if (found !== null) return false;
  // a bound may not have all that a version may: a local label of PyPI
  const turned = order(a, b);
  if (turned !== null) return turned === 0 ? null : false;
  // `1.2` where versions have three numbers may be any that begins so
  if (isBeginningOf(a, b) || isBeginningOf(b, a)) return null;
  return sameText(a, b);
}

/** Types that may state the epoch of a version in a qualifier. */
const EPOCHS = new Set(['deb', 'rpm']);

/** The version with its epoch, wherever that is stated; null where there is none. */
export function fullVersion({ type, version, qualifiers }: ParsedPurl): string | null {
  const epoch = qualifiers['epoch'];
  if (version === null || epoch === undefined || !EPOCHS.has(type)) return version;
  return /^\d+:/.test(version) ? version : `${epoch}:${version}`;
}

/** A tag is not a digest, two tags may be of one image, and an index and one of its manifests are one image too. */
function sameImage(a: string, b: string): boolean | null {
  if (digestProblem(a) !== null || digestProblem(b) !== null) return null;
  return a.toLowerCase() === b.toLowerCase() ? true : null;
}

const COMMIT = /^[0-9a-f]{7,64}$/i;

function isBeginningOf(part: string, whole: string): boolean {
  return /^v?\d+(?:\.\d+)?$/i.test(part) && withoutV(whole).startsWith(`${withoutV(part)}.`);
}

/** By their texts, without a leading `v`, case and `.0` at the end. Unequal only where both name one version each. */
function sameText(a: string, b: string): boolean | null {
  const [left, right] = [bare(a), bare(b)];
  if (left === right) return true;
  const [isCommit, wasCommit] = [COMMIT.test(a) && isHex(a), COMMIT.test(b) && isHex(b)];
  // a commit may be the one of a tag, and a short id the beginning of a long one
  if (isCommit !== wasCommit) return null;
  if (isCommit) return left.startsWith(right) || right.startsWith(left) ? null : false;
  return isConcrete(a) && isConcrete(b) && loose(a) !== loose(b) ? false : null;
}

/** Words that some ecosystems write in two ways, or leave out: of releases, and of what comes before them. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ final: '', ga: '', release: '' },
  ...{ a: 'alpha', b: 'beta', m: 'milestone', cr: 'rc', pre: 'rc', c: 'rc' },
};

/**
 * What two spellings of one version have in common, whatever the ecosystem: `1.0.Final` and `1.0`, `1.0-01` and `1.0-1`,
 * `1.0a1` and `1.0-alpha-1`. Equal does not mean the same version, only that nobody can say that they differ.
 */
function loose(text: string): string {
  const parts = (
    withoutV(text)
      .toLowerCase()
      .match(/\d+|[a-z]+/g) ?? []
  )
    .map((part) => entryOf(WORDS, part) ?? part.replace(/^0+/, ''))
    .filter((part) => part !== '');
  return parts.join('.');
}

/** Digits alone are a date or a number. */
function isHex(text: string): boolean {
  return /[a-f]/i.test(text) || text.length >= 40;
}

function withoutV(text: string): string {
  return text.replace(/^v(?=\d)/i, '');
}

function bare(text: string): string {
  return withoutV(text)
    .toLowerCase()
    .replace(/(?:\.0+)+$/, '');
}

/** Not `latest`, `1.x`, `^1.2` or `[1.0,2.0)`. */
export function isConcrete(text: string): boolean {
  return /\d/.test(text) && !/[*^<>=[\](){}$,|\s]|(?:^|\.)x(?:\.|$)/i.test(text);
}
