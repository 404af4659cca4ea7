/**
 * A tag moves: whoever used it got what it resolved to at that time, and not everything that it ever resolved to
 * (docs/decisions/0007). The one place of that rule.
 *
 * @param times when the resolutions of a tag began to hold, ms, in any order; at least one
 * @param at when it was used; null = a question about the tag itself, as it stands
 * @returns the time of the resolution that counts: the last one before the use, or else the first after it, because publication
 *   may be reported later than use
 */
export function resolutionAt(times: readonly number[], at: number | null): number {
  let before = -Infinity;
  let first = Infinity;
  for (const time of times) {
    if (time < first) first = time;
    if ((at === null || time <= at) && time > before) before = time;
  }
  return before === -Infinity ? first : before;
}
