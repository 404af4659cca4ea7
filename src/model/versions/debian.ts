import { compareDigits } from './digits.ts';

type Version = { readonly epoch: string; readonly upstream: string; readonly revision: string };

/**
 * The order of Debian's versions: epoch, then the version of upstream, then the revision. An epoch that is not there is 0, and a
 * revision that is not there is `0`. Null where one of them is not such a version.
 *
 * @see https://www.debian.org/doc/debian-policy/ch-controlfields.html#version (5.6.12)
 */
export function compareDebian(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  if (a === null || b === null) return null;
  return (
    compareDigits(a.epoch, b.epoch) ||
    compareParts(a.upstream, b.upstream) ||
    compareParts(a.revision, b.revision)
  );
}

function parse(text: string): Version | null {
  const [whole, epoch = '0', upstream = '', revision = '0'] =
    /^(?:(\d+):)?(\d[A-Za-z0-9.+~:-]*?)(?:-([A-Za-z0-9.+~]+))?(?<!-)$/.exec(text) ?? [];
  return whole === undefined ? null : { epoch, upstream, revision };
}

/** What is not a digit and what is one, by turns; a part that is not there is empty, or 0. */
function compareParts(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [x, y] = [left[at] ?? '', right[at] ?? ''];
    const found = at % 2 === 0 ? compareLetters(x, y) : compareDigits(x, y);
    if (found !== 0) return found;
  }
  return 0;
}

function partsOf(text: string): string[] {
  return [...text.matchAll(/(\D*)(\d*)/g)].flatMap(([, letters = '', digits = '']) => [
    letters,
    digits,
  ]);
}

function compareLetters(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const found = rank(a[at]) - rank(b[at]);
    if (found !== 0) return found;
  }
  return 0;
}

/** `~` comes before the end, letters after it, and everything else after them. */
function rank(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
