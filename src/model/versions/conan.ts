import { compareDigits, compareText } from './digits.ts';

type Version = {
  /** Without zeros at the end. */
  readonly main: readonly string[];
  readonly pre: readonly string[] | null;
  readonly build: readonly string[] | null;
};

/**
 * The order of Conan's versions: like Semantic Versions with any number of parts, which may have letters, and builds that have a rank.
 * Null where one of them does not begin with a number or has hyphens in its parts, of which versions of Conan think otherwise; and where
 * Conan compares a number with a text as texts although the text begins with a number that stands otherwise (`10` before `9a`).
 *
 * @see https://docs.conan.io/2/tutorial/versioning/version_ranges.html#semantic-versioning
 */
export function compareConan(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  if (a === null || b === null) return null;
  const main = compareParts(a.main, b.main);
  if (main !== 0) return main;
  // a pre-release comes before its release, and a build after what has none
  const pre = compareOptional(a.pre, b.pre, 1);
  return pre === 0 ? compareOptional(a.build, b.build, -1) : pre;
}

function parse(text: string): Version | null {
  const [whole, main = '', pre, build] =
    /^v?(\d[a-z\d]*(?:\.[a-z\d]+)*)(?:-([a-z\d]+(?:\.[a-z\d]+)*))?(?:\+([a-z\d]+(?:\.[a-z\d]+)*))?$/i.exec(
      text,
    ) ?? [];
  if (whole === undefined) return null;
  return {
    main: partsOf(main),
    pre: pre === undefined ? null : partsOf(pre),
    build: build === undefined ? null : partsOf(build),
  };
}

function partsOf(text: string): string[] {
  const parts = text
    .split('.')
    .map((part) => (isNumber(part) ? part.replace(/^0+(?=\d)/, '') : part));
  while (parts.at(-1) === '0') parts.pop();
  return parts;
}

/** @param absent how what is not there stands to what is */
function compareOptional(
  a: readonly string[] | null,
  b: readonly string[] | null,
  absent: 1 | -1,
): number | null {
  if (a === null) return b === null ? 0 : absent;
  return b === null ? -absent : compareParts(a, b);
}

function compareParts(a: readonly string[], b: readonly string[]): number | null {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const found = comparePart(a[at] ?? '', b[at] ?? '');
    if (found !== 0) return found;
  }
  return a.length - b.length;
}

function comparePart(a: string, b: string): number | null {
  const [x, y] = [isNumber(a), isNumber(b)];
  if (x && y) return compareDigits(a, b);
  const found = compareText(a, b);
  if (!x && !y) return found;
  const [left, right] = [numberIn(a), numberIn(b)];
  if (left === null || right === null) return found;
  // a number comes before what goes on after it
  const byNumber = compareDigits(left, right) || (x ? -1 : 1);
  return Math.sign(byNumber) === found ? found : null;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function numberIn(text: string): string | null {
  return /^\d+/.exec(text)?.[0] ?? null;
}
