import type { VersionOrder } from '../../../model/version-order.ts';
import { asObject, asText, objectsOf, type JsonObject } from '../../json.ts';

type Kind = 'introduced' | 'fixed' | 'last_affected' | 'limit';
type RangeEvent = { readonly kind: Kind; readonly version: string };

/** Of events at one version: what ends there comes before what begins, and what is still affected after that. */
const RANK: Readonly<Record<Kind, number>> = {
  fixed: 0,
  limit: 0,
  introduced: 1,
  last_affected: 2,
};

/**
 * The events of a range as VERS constraints (`>=1.0|<1.2`), in the order of the ecosystem's versions, or as they stand where there is
 * none. Null where they say nothing.
 *
 * @see https://ossf.github.io/osv-schema/#evaluation
 */
export function constraintsOf(
  range: JsonObject,
  order: VersionOrder | null,
  lastKnown: RangeEvent | null = null,
): string | null {
  const stated = readEvents(range);
  const hasEnd = stated.some(({ kind }) => kind !== 'introduced');
  const events = sorted(lastKnown === null || hasEnd ? stated : [...stated, lastKnown], order);
  const parts: string[] = [];
  let since: string | null = null;
  const from = (version: string): string => `>=${encode(version)}`;
  for (const { kind, version } of events) {
    if (kind === 'introduced') {
      since ??= version;
      continue;
    }
    if (since === null) continue;
    const isOne = since === version || order?.(since, version) === 0;
    if (!isOne)
      parts.push(from(since), `${kind === 'last_affected' ? '<=' : '<'}${encode(version)}`);
    else if (kind === 'last_affected') parts.push(encode(version));
    since = null;
  }
  if (since !== null) parts.push(from(since));
  if (parts.length === 0) return null;
  // `>=0|<1.2` is `<1.2`, and `>=0` alone is every version
  if (parts[0] === '>=0') parts.shift();
  return parts.length === 0 ? '*' : parts.join('|');
}

/**
 * Where a range without a fix ends, as GitHub's advisories say it beside the range: `< 2.1.3`, `<= 5.0.0`, `= 1.2.0`. Without it, versions
 * that another entry calls fixed would be affected.
 *
 * @see https://github.com/github/advisory-database (database_specific.last_known_affected_version_range)
 */
export function lastKnownOf(affected: JsonObject): RangeEvent | null {
  const text = asText(asObject(affected['database_specific'])['last_known_affected_version_range']);
  const [, comparator, version] = /^\s*(<=|<|=)\s*(\S+)\s*$/.exec(text ?? '') ?? [];
  if (version === undefined) return null;
  return { kind: comparator === '<' ? 'fixed' : 'last_affected', version };
}

/** Versions one by one, as VERS constraints in portions that are short enough for a range. */
export function versionLists(versions: readonly string[], longest: number): string[] {
  const lists: string[] = [];
  for (const version of new Set(versions)) {
    const part = encode(version);
    const last = lists.at(-1);
    if (last !== undefined && last.length + part.length < longest)
      lists[lists.length - 1] = `${last}|${part}`;
    else lists.push(part);
  }
  return lists;
}

/** A version; a whole number is as good as its text, any other number may have lost something (1.10 is 1.1). */
export function versionText(value: unknown): string | null {
  return Number.isSafeInteger(value) ? String(value) : asText(value);
}

function readEvents(range: JsonObject): RangeEvent[] {
  return objectsOf(range['events']).flatMap((event) =>
    (Object.keys(RANK) as Kind[]).flatMap((kind) => {
      const version = versionText(event[kind]);
      // a limit of `*` is none
      return version === null || (kind === 'limit' && version === '*') ? [] : [{ kind, version }];
    }),
  );
}

function sorted(events: readonly RangeEvent[], order: VersionOrder | null): RangeEvent[] {
  const compare = (
    { kind: a, version: x }: RangeEvent,
    { kind: b, version: y }: RangeEvent,
  ): number => {
    if (x === y) return RANK[a] - RANK[b];
    if (a === 'introduced' && x === '0') return -1;
    if (b === 'introduced' && y === '0') return 1;
    return order?.(x, y) ?? 0;
  };
  return [...events].sort(compare);
}

function encode(version: string): string {
  return encodeURIComponent(version);
}
