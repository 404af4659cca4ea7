import { isObject, objectsOf, type JsonObject } from './json.ts';

/** One line of a JSON lines text. */
export type JsonLine = { readonly line: number; readonly text: string };

/** One document in a text that may hold several. */
export type DocumentPart = {
  readonly text: string;
  /** Where it was, to name it in a message: `line 3`, `provenance_summary.provenance.1.envelope`; '' for the whole text. */
  readonly where: string;
  /** True where it was cut out of another document, so that its bytes are not those of the file. */
  readonly wrapped: boolean;
};

/**
 * The documents in a text: JSON lines, what `gcloud artifacts docker images describe` writes, what the npm registry answers for
 * a version's attestations; any other text is one document. A part may be broken: that is found when it is parsed, and does not
 * stop the others.
 */
export function splitDocument(text: string): DocumentPart[] {
  const whole = tryParse(text);
  if (whole !== undefined) return isObject(whole) ? splitValue(whole, text) : [wholeText(text)];
  const lines = splitJsonLines(text);
  if (!lines.some((line) => isDocumentLine(line.text))) return [wholeText(text)];
  return lines.flatMap((line) => {
    const value = tryParse(line.text);
    const parts = isObject(value) ? splitValue(value, line.text) : [wholeText(line.text)];
    return parts.map((part) => ({
      ...part,
      where: part.where === '' ? `line ${line.line}` : `line ${line.line}, ${part.where}`,
    }));
  });
}

/** The lines of a text that have something in them, each a document by itself; the first is line 1. */
export function splitJsonLines(text: string): JsonLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((content, index) => ({ line: index + 1, text: content }))
    .filter((line) => line.text.trim() !== '');
}

function splitValue(value: JsonObject, text: string): DocumentPart[] {
  const summary = value['provenance_summary'];
  if (isObject(summary) && Array.isArray(summary['provenance'])) {
    return cut(summary['provenance'], 'envelope', 'provenance_summary.provenance');
  }
  if (
    Array.isArray(value['attestations']) &&
    objectsOf(value['attestations']).some(({ bundle }) => isObject(bundle))
  ) {
    return cut(value['attestations'], 'bundle', 'attestations');
  }
  return [wholeText(text)];
}

function cut(entries: readonly unknown[], member: string, path: string): DocumentPart[] {
  return entries.map((entry, index) => ({
    text: JSON.stringify(isObject(entry) ? (entry[member] ?? null) : null),
    where: `${path}.${index}.${member}`,
    wrapped: true,
  }));
}

/** A line of pretty-printed JSON that happens to parse (`{}`) makes no JSON lines text. */
function isDocumentLine(line: string): boolean {
  if (!line.startsWith('{')) return false;
  const value = tryParse(line);
  return isObject(value) && Object.keys(value).length > 0;
}

function wholeText(text: string): DocumentPart {
  return { text, where: '', wrapped: false };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown; // the type of JSON.parse is any
  } catch {
    return undefined;
  }
}
