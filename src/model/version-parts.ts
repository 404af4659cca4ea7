import { withoutPlatform } from './versions/gem.ts';
import { snapshotOf } from './versions/maven.ts';

/**
 * The versions of distributions have parts that documents leave out: the epoch, and the revision of the package (Debian), its release
 * (RPM) or `-r1` (Alpine).
 */
type Parts = {
  readonly epoch: string | null;
  readonly upstream: string;
  readonly revision: string | null;
};

function partsOf(version: string): Parts {
  const [, epoch = null, upstream = '', revision = null] =
    /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/s.exec(version) ?? [];
  return { epoch, upstream, revision };
}

/**
 * An order of versions of a distribution that says nothing where the answer hangs on a part that only one of the two states: null for
 * `1:1.0-1` and `2.0-1`, and for `1.0` and `1.0-1`.
 */
export function whereStated(
  compare: (version: string, bound: string) => number | null,
): (version: string, bound: string) => number | null {
  return (version, bound) => {
    const found = compare(version, bound);
    if (found === null || found === 0) return found;
    const [a, b] = [partsOf(version), partsOf(bound)];
    if ((a.epoch === null) !== (b.epoch === null)) {
      const without = compare(withoutEpoch(version), withoutEpoch(bound));
      if (without === null || Math.sign(without) !== Math.sign(found)) return null;
    }
    const isOnlyRevision =
      (a.revision === null) !== (b.revision === null) && compare(a.upstream, b.upstream) === 0;
    return isOnlyRevision ? null : found;
  };
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}

/** Types of package URLs whose versions are made of these parts. */
const TYPES = new Set(['alpm', 'apk', 'deb', 'rpm']);

/** Whether two versions may be one, of which one says less than the other. */
export function isPartOf(type: string, one: string, other: string): boolean {
  if (type === 'maven') return snapshotOf(one) === snapshotOf(other);
  if (type === 'gem') return withoutPlatform(one) === withoutPlatform(other);
  if (!TYPES.has(type)) return false;
  const [a, b] = [partsOf(one), partsOf(other)];
  const agree = (x: string | null, y: string | null): boolean =>
    x === null || y === null || x === y;
  return (
    a.upstream === b.upstream &&
    agree(a.epoch, b.epoch) &&
    agree(revisionOf(type, a, b), revisionOf(type, b, a))
  );
}

/**
 * What counts of a revision: `+b1` of Debian is a build of the same sources, and RPM's `.el9` behind the number of a release is often
 * left out.
 */
function revisionOf(type: string, { revision }: Parts, other: Parts): string | null {
  if (revision === null) return null;
  if (type === 'deb') return revision.replace(/\+b\d+$/, '');
  const isNumberOnly = type === 'rpm' && /^\d+$/.test(other.revision ?? '');
  return isNumberOnly ? revision.replace(/\..*$/, '') : revision;
}
