import { compareDigits, compareText } from './digits.ts';

type Version = {
  readonly epoch: string;
  readonly version: string;
  /** Null where none is stated. */
  readonly release: string | null;
};

type Segment = { readonly before: string; readonly text: string };

/**
 * The order of Arch Linux's versions: epoch, version, release. An epoch that is not there is 0. To pacman, a version without a release
 * is any of its releases, which is no order; here it comes before all of them, as with RPM. Null where one of them is not such a version.
 *
 * @see https://man.archlinux.org/man/vercmp.8
 */
export function compareAlpm(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  if (a === null || b === null) return null;
  return (
    compareDigits(a.epoch, b.epoch) ||
    compareSegments(a.version, b.version) ||
    compareSegments(a.release ?? '', b.release ?? '')
  );
}

/** What does not begin with a number, or ends in a separator, is not compared. */
function parse(text: string): Version | null {
  const [whole, epoch = '0', version = '', release = null] =
    /^(?:(\d+):)?(\d[\w.+~^]*)(?:-(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  return whole === undefined || !/[A-Za-z0-9]$/.test(version) ? null : { epoch, version, release };
}

/**
 * Segments of digits and of letters; what separates them counts by its length alone, the shorter first. Digits come after letters. What
 * goes on with letters at once comes before its beginning (`1.0rc1`, `1.0`), and everything else that goes on after it.
 */
function compareSegments(a: string, b: string): number {
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  for (let at = 0; ; at++) {
    const [x, y] = [left[at], right[at]];
    if (x === undefined) return y === undefined ? 0 : -goingOn(y);
    if (y === undefined) return goingOn(x);
    const found = x.before.length - y.before.length || compareSegment(x.text, y.text);
    if (found !== 0) return found;
  }
}

function goingOn({ before, text }: Segment): number {
  return before === '' && isLetters(text) ? -1 : 1;
}

function compareSegment(a: string, b: string): number {
  if (isLetters(a) !== isLetters(b)) return isLetters(a) ? -1 : 1;
  return isLetters(a) ? compareText(a, b) : compareDigits(a, b);
}

function isLetters(text: string): boolean {
  return /^[A-Za-z]/.test(text);
}

function segmentsOf(text: string): Segment[] {
  return [...text.matchAll(/([^A-Za-z0-9]*)(\d+|[A-Za-z]+)/g)].map(
    ([, before = '', segment = '']) => ({ before, text: segment }),
  );
}
