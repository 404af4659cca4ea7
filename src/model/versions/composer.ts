import { compareDigits, compareLists } from './digits.ts';

type Version = {
  readonly numbers: readonly string[];
  readonly stability: number;
  /** The numbers of the stability: `beta2`, `patch1.3`. */
  readonly more: readonly string[];
  readonly isDev: boolean;
};

const RELEASE = 4;
const STABILITIES: Readonly<Record<string, number>> = {
  ...{ dev: 0, alpha: 1, a: 1, beta: 2, b: 2, rc: 3 },
  ...{ stable: RELEASE, pl: 5, p: 5, patch: 5 },
};

const VERSION =
  /^v?(\d{1,5}(?:\.\d+){0,3})(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\d+)*))?([.-]?dev)?(?:\+\S*)?$/i;

/**
 * The order of Composer's versions: one to four numbers, then the stability. Null where one of them is a branch or a date.
 *
 * @see https://getcomposer.org/doc/articles/versions.md
 */
export function compareComposer(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  if (a === null || b === null) return null;
  return (
    compareLists(a.numbers, b.numbers, compareDigits, '0') ||
    a.stability - b.stability ||
    compareMore(a.more, b.more) ||
    Number(b.isDev) - Number(a.isDev)
  );
}

function parse(text: string): Version | null {
  const found = VERSION.exec(text);
  if (found === null) return null;
  const [, numbers = '', word, more = '', dev] = found;
  const isDev = dev !== undefined;
  // `1.0.0-dev` has no other stability
  const stability = STABILITIES[(word ?? (isDev ? 'dev' : 'stable')).toLowerCase()] ?? RELEASE;
  return {
    numbers: numbers.split('.'),
    stability,
    more: stability === RELEASE ? [] : (more.match(/\d+/g) ?? []),
    isDev,
  };
}

/** `beta` comes before `beta0`, as in PHP's version_compare. */
function compareMore(a: readonly string[], b: readonly string[]): number {
  const common = Math.min(a.length, b.length);
  return (
    compareLists(a.slice(0, common), b.slice(0, common), compareDigits, '0') || a.length - b.length
  );
}
