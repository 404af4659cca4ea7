import { compareDigits, compareLists, compareText } from './digits.ts';

const VERSION = /^\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** What stands behind the `-` of the files of gems for one platform: no part of the version. */
const PLATFORM =
  /-(?:universal-)?(?:x86|x64|i[3-6]86|amd64|arm|aarch64|ppc|powerpc|s390|riscv|java|jruby|ruby|mswin|mingw|linux|darwin|freebsd)/i;

/** The version of a gem without the platform that its file is for: `1.10.3-java` is one of `1.10.3`. */
export function withoutPlatform(version: string): string {
  const at = version.search(PLATFORM);
  return at === -1 ? version : version.slice(0, at);
}

/**
 * The order of the versions of gems: numbers and words by turns; a word makes a pre-release, and `-` is `.pre.`. Null where one of them
 * is not such a version.
 *
 * @see https://docs.ruby-lang.org/en/master/Gem/Version.html
 */
export function compareGem(version: string, bound: string): number | null {
  const [a, b] = [segmentsOf(version), segmentsOf(bound)];
  return a === null || b === null ? null : compareLists(a, b, compareSegments, '0');
}

function segmentsOf(text: string): string[] | null {
  if (!VERSION.test(text) || PLATFORM.test(text)) return null;
  const all = text.replaceAll('-', '.pre.').match(/\d+|[A-Za-z]+/g) ?? [];
  const word = all.findIndex((segment) => !isNumber(segment));
  if (word === -1) return withoutZeros(all);
  return [...withoutZeros(all.slice(0, word)), ...withoutZeros(all.slice(word))];
}

/** `1.0` is `1`, and `1.0.a` is `1.a`. */
function withoutZeros(segments: readonly string[]): string[] {
  return segments.slice(0, segments.findLastIndex((segment) => !/^0+$/.test(segment)) + 1);
}

function compareSegments(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return compareDigits(a, b);
  if (isNumber(a)) return 1;
  return isNumber(b) ? -1 : compareText(a, b);
}

function isNumber(segment: string): boolean {
  return /^\d/.test(segment);
}
