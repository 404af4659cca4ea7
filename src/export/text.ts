/**
 * Control characters (escape sequences among them), marks that turn the direction of text around or hide, and the two that XML
 * forbids beside them.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

/** Text that is shown to people: on one line, and what would act on a terminal or reader is written out, as `\u{202e}`. */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\n', ' ')
    .replaceAll('\t', ' ')
    .replace(UNSAFE, (character) => `\\u{${codeOf(character)}}`);
}

/** JSON whose text is the same, but cannot act on whatever shows it: no tag begins in it, and no direction is turned around. */
export function toSafeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    new RegExp(`[<>&]|(?!\\n)${UNSAFE.source}`, 'g'), // line breaks are only those between values
    (character) => `\\u${codeOf(character).padStart(4, '0')}`,
  );
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
