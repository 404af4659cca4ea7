import { compareDigits, compareText } from './digits.ts';

type Item =
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'list'; readonly items: Item[] };

/** Words with a place of their own, in their order; every other one comes after them, by its letters. */
const WORDS: readonly string[] = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['cr', 'rc'],
  ['ga', ''],
  ['final', ''],
  ['release', ''],
]);
/** Only where a digit follows: `1.0-b2`. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

const STAMP = /-\d{8}\.\d{6}-\d+$/;

/** The version that is built again and again: repositories store `1.0-SNAPSHOT` as `1.0-20240131.101530-7`. */
export function snapshotOf(version: string): string {
  return version.replace(STAMP, '-SNAPSHOT');
}

/**
 * The order of Maven's versions, as Maven 3 compares them. Null where one of them is a placeholder or a pattern, and for two
 * snapshots of one version.
 *
 * @see https://maven.apache.org/pom.html#version-order-specification
 */
export function compareMaven(version: string, bound: string): number | null {
  if (!isVersion(version) || !isVersion(bound)) return null;
  if (version === bound) return 0;
  const [a, b] = [snapshotOf(version), snapshotOf(bound)];
  const found = compareItems(parse(a), parse(b));
  return found === 0 && (a !== version || b !== bound) ? null : found;
}

/** Maven compares any text with any other; here only what names one version is compared. */
function isVersion(text: string): boolean {
  return /^[\w.+~-]+$/.test(text) && /\d/.test(text) && !/(?:^|[.-])x(?:[.-]|$)/i.test(text);
}

/**
 * Cuts a version where `.` or `-` stand and where digits and letters meet. What follows a `-` goes one list deeper, as does a word at the
 * end or before a digit, and what follows that word.
 */
function parse(text: string): Item {
  const root: Item[] = [];
  const lists = [root];
  let list = root;
  const deeper = (): void => {
    const items: Item[] = [];
    list.push({ kind: 'list', items });
    lists.push(items);
    list = items;
  };
  const parts = text.toLowerCase().match(/\d+|[^\d.-]+|[.-]/g) ?? [];
  for (const [at, part] of parts.entries()) {
    const before = parts[at - 1] ?? '.';
    const next = parts[at + 1] ?? '';
    if (part === '.' || part === '-') {
      if (isSeparator(before)) list.push({ kind: 'number', digits: '0' });
      if (part === '-') deeper();
    } else if (/^\d/.test(part)) {
      if (!isSeparator(before)) deeper();
      list.push({ kind: 'number', digits: part });
    } else {
      const isBeforeDigit = /^\d/.test(next);
      if (!isSeparator(before) || ((isBeforeDigit || next === '') && list.length > 0)) deeper();
      list.push({ kind: 'word', word: wordOf(part, isBeforeDigit) });
    }
  }
  for (const items of lists.reverse()) trim(items);
  return { kind: 'list', items: root };
}

function isSeparator(part: string): boolean {
  return part === '.' || part === '-';
}

function wordOf(part: string, isBeforeDigit: boolean): string {
  const word = (isBeforeDigit ? LETTERS.get(part) : undefined) ?? part;
  return SPELLINGS.get(word) ?? word;
}

/** What counts for nothing is left out at the end, and before lists at the end. */
function trim(items: Item[]): void {
  for (let at = items.length - 1; at >= 0; at--) {
    const item = items[at];
    if (item === undefined) continue;
    if (isNothing(item)) items.splice(at, 1);
    else if (item.kind !== 'list') return;
  }
}

function isNothing(item: Item): boolean {
  switch (item.kind) {
    case 'number':
      return isZero(item.digits);
    case 'word':
      return item.word === '';
    case 'list':
      return item.items.length === 0;
  }
}

function isZero(digits: string): boolean {
  return /^0+$/.test(digits);
}

/** Of different kinds, words come first, then lists, then numbers. */
const KINDS = ['word', 'list', 'number'];

function compareItems(a: Item, b: Item): number {
  if (a.kind === 'number' && b.kind === 'number') return compareDigits(a.digits, b.digits);
  if (a.kind === 'word' && b.kind === 'word') return compareWords(a.word, b.word);
  if (a.kind === 'list' && b.kind === 'list') return compareItemLists(a.items, b.items);
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
}

function compareItemLists(a: readonly Item[], b: readonly Item[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [x, y] = [a[at], b[at]];
    let found = 0;
    if (x !== undefined && y !== undefined) found = compareItems(x, y);
    else if (x !== undefined) found = compareWithEnd(x);
    else if (y !== undefined) found = -compareWithEnd(y);
    if (found !== 0) return found;
  }
  return 0;
}

/** How an item stands to the end of the other version. */
function compareWithEnd(item: Item): number {
  if (item.kind === 'number') return isZero(item.digits) ? 0 : 1;
  if (item.kind === 'word') return compareWords(item.word, '');
  return item.items.map(compareWithEnd).find((found) => found !== 0) ?? 0;
}

function compareWords(a: string, b: string): number {
  const [left, right] = [WORDS.indexOf(a), WORDS.indexOf(b)];
  if (left !== -1 && right !== -1) return left - right;
  if (left !== -1) return -1;
  return right === -1 ? compareText(a, b) : 1;
}
