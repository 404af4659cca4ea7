/** Control characters, escape sequences among them, and marks that turn the direction of text around. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text out of the data, as a terminal may show it: on one line, and nothing in it is obeyed. */
export function safe(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** `safe`, shortened to what fits. */
export function brief(text: string, length: number): string {
  const shown = safe(text);
  return shown.length <= length ? shown : `${shown.slice(0, Math.max(1, length - 1))}…`;
}

/** Columns, each as wide as its longest cell; the last one may be cut to the width of the terminal. */
export function toColumns(rows: readonly (readonly string[])[], width: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows.map((row) => {
    const line = row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
    return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line;
  });
}
