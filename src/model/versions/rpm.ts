import { compareDigits, compareText } from './digits.ts';

type Version = {
  readonly epoch: string;
  readonly version: string;
  /** Null where none is stated. */
  readonly release: string | null;
};

/**
 * The order of RPM's versions: epoch, version, release. An epoch that is not there is 0; without a release a version comes before all
 * of its releases. Null where one of them is not such a version.
 *
 * @see https://rpm-software-management.github.io/rpm/man/rpm-version.7
 */
export function compareRpm(version: string, bound: string): number | null {
  const [a, b] = [parse(version), parse(bound)];
  if (a === null || b === null) return null;
  return (
    compareDigits(a.epoch, b.epoch) ||
    compareSegments(a.version, b.version) ||
    compareSegments(a.release ?? '', b.release ?? '')
  );
}

function parse(text: string): Version | null {
  const [whole, epoch = '0', version = '', release = null] =
    /^(?:(\d+):)?(\w[\w.+~^]*)(?:-([\w.+~^]+))?$/.exec(text) ?? [];
  return whole === undefined || !/\d/.test(version) ? null : { epoch, version, release };
}

/**
 * Segments of digits and of letters, whatever separates them. `~` comes before everything, also before the end; `^` after the end, and
 * before everything else; digits after letters.
 */
function compareSegments(a: string, b: string): number {
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [x, y] = [left[at] ?? '', right[at] ?? ''];
    const found = rank(x) - rank(y) || (/^\d/.test(x) ? compareDigits(x, y) : compareText(x, y));
    if (found !== 0) return found;
  }
  return 0;
}

function segmentsOf(text: string): string[] {
  return text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];
}

function rank(segment: string): number {
  if (segment === '~') return 0;
  if (segment === '') return 1;
  if (segment === '^') return 2;
  return /^\d/.test(segment) ? 4 : 3;
}
