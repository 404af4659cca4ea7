/** Longest free text of an event, in characters (64 kB of ASCII). */
const MAX_TEXT = 65_536;

/** Text from outside as an event may carry it: well-formed, and cut (at 64 kB) without splitting a character. */
export function cutText(text: string, limit = MAX_TEXT): string {
  return text.length <= limit
    ? text.toWellFormed()
    : text
        .toWellFormed()
        .slice(0, limit)
        .replace(/[\uD800-\uDBFF]$/, '');
}
