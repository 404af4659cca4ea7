import { asArray, isObject, objectsOf, tryParseJson, type JsonObject } from './json.ts';
import { isNotation } from './text.ts';

/** One line of a JSON lines text. */
export type JsonLine = { readonly line: number; readonly text: string };

/** One document in a text that may hold several. */
export type DocumentPart = {
  readonly text: string;
  /** Where it was, to name it in a message: `line 3`, `provenance_summary.provenance.1.envelope`; '' for the whole text. */
  readonly where: string;
};

/**
 * The documents in a text: JSON lines, what `gcloud artifacts docker images describe` writes, what the npm registry answers for
 * a version's attestations; any other text is one document. A part may be broken: that is found when it is parsed, and does not
 * stop the others.
 */
export function splitDocument(text: string): DocumentPart[] {
  const whole = tryParseJson(text);
  if (whole !== undefined) return isObject(whole) ? splitValue(whole, text) : [wholeText(text)];
  if (isNotation(text)) return [wholeText(text)];
  const lines = splitJsonLines(text);
  if (!lines.some((line) => isDocumentLine(line.text))) return [wholeText(text)];
  return lines.flatMap((line) => {
    const value = tryParseJson(line.text);
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

/** True for a document whose documents are inside of it. */
export function isWrapper(value: unknown): boolean {
  return isObject(value) && wrappedIn(value) !== null;
}

function splitValue(value: JsonObject, text: string): DocumentPart[] {
  const wrapped = wrappedIn(value);
  return wrapped === null ? [wholeText(text)] : cut(wrapped);
}

type Wrapped = {
  readonly entries: readonly unknown[];
  readonly member: string;
  readonly path: string;
};

function wrappedIn(value: JsonObject): Wrapped | null {
  const { provenance_summary: summary, attestations } = value;
  if (isObject(summary) && Array.isArray(summary['provenance'])) {
    return {
      entries: summary['provenance'],
      member: 'envelope',
      path: 'provenance_summary.provenance',
    };
  }
  const isNpm = objectsOf(attestations).some(({ bundle }) => isObject(bundle));
  return isNpm ? { entries: asArray(attestations), member: 'bundle', path: 'attestations' } : null;
}

function cut({ entries, member, path }: Wrapped): DocumentPart[] {
  return entries.map((entry, index) => ({
    text: JSON.stringify(isObject(entry) ? (entry[member] ?? null) : null),
    where: `${path}.${index}.${member}`,
  }));
}

/** A line of pretty-printed JSON that happens to parse (`{}`) makes no JSON lines text. */
function isDocumentLine(line: string): boolean {
  if (!line.startsWith('{')) return false;
  const value = tryParseJson(line);
  return isObject(value) && Object.keys(value).length > 0;
}

function wholeText(text: string): DocumentPart {
  return { text, where: '' };
}
