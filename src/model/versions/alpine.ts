import { compareDigits, compareText } from './digits.ts';

/** In the order of what a version goes on with: more numbers are later than a letter, a letter than a suffix, and so on to the end. */
const KINDS = ['number', 'letter', 'suffix', 'suffixNumber', 'revision', 'end'] as const;
type Kind = (typeof KINDS)[number];
type Token = { readonly kind: Kind; readonly text: string };

const END: Token = { kind: 'end', text: '' };
const BEFORE_RELEASE: readonly string[] = ['alpha', 'beta', 'pre', 'rc'];
const SUFFIXES: readonly string[] = [...BEFORE_RELEASE, 'cvs', 'svn', 'git', 'hg', 'p'];

/**
 * The order of the versions of apk-tools (Alpine, Wolfi, Chainguard): numbers, a letter, suffixes, the revision of the package. Null
 * where one of them is not such a version; what a commit (`~`) says of the order is not known.
 *
 * @see https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver
 */
export function compareAlpine(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  if (a === null || b === null) return null;
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const found = compareTokens(a[at] ?? END, b[at] ?? END, at === 0);
    if (found !== 0) return found;
  }
  return 0;
}

const VERSION = new RegExp(
  `^(\\d+(?:\\.\\d+)*)([a-z]?)((?:_(?:${SUFFIXES.join('|')})\\d*)*)(?:-r(\\d+))?$`,
);

function parse(text: string): Token[] | null {
  const found = VERSION.exec(text);
  if (found === null) return null;
  const [, numbers = '', letter = '', suffixes = '', revision] = found;
  const tokens = numbers.split('.').map((number): Token => ({ kind: 'number', text: number }));
  if (letter !== '') tokens.push({ kind: 'letter', text: letter });
  for (const [, suffix = '', number = ''] of suffixes.matchAll(/_([a-z]+)(\d*)/g)) {
    tokens.push({ kind: 'suffix', text: suffix });
    if (number !== '') tokens.push({ kind: 'suffixNumber', text: number });
  }
  if (revision !== undefined) tokens.push({ kind: 'revision', text: revision });
  return tokens;
}

function compareTokens(a: Token, b: Token, isFirst: boolean): number {
  if (a.kind !== b.kind) {
    if (isBeforeRelease(a)) return -1;
    if (isBeforeRelease(b)) return 1;
    return KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind);
  }
  if (a.kind === 'suffix') return SUFFIXES.indexOf(a.text) - SUFFIXES.indexOf(b.text);
  if (a.kind === 'letter') return compareText(a.text, b.text);
  // digits after a dot that begin with 0 are a fraction: 1.01 < 1.1
  const isFraction = a.kind === 'number' && !isFirst && (startsWithZero(a) || startsWithZero(b));
  return isFraction ? compareText(a.text, b.text) : compareDigits(a.text, b.text);
}

function isBeforeRelease({ kind, text }: Token): boolean {
  return kind === 'suffix' && BEFORE_RELEASE.includes(text);
}

function startsWithZero({ text }: Token): boolean {
  return text.startsWith('0');
}
