import { compareDigits, compareLists } from './digits.ts';

/**
 * Versions of nothing but numbers, as of CRAN and Hackage: the first difference decides, and the longer one is later. Whether `1.0` and
 * `1.0.0` are two versions is not asked: null, as where one of them is something else.
 *
 * @see https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file
 * @see https://pvp.haskell.org
 */
export function compareNumbers(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  if (a === null || b === null) return null;
  return compareLists(a, b, compareDigits, '0') || (a.length === b.length ? 0 : null);
}

function parse(text: string): string[] | null {
  return /^\d+(?:[.-]\d+)*$/.test(text) ? text.split(/[.-]/) : null;
}
