import { asArray, asObject, isObject, objectsOf, tryParseJson, type JsonObject } from './json.ts';
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
 * The documents in a text: JSON lines, a list in JSON, what `gcloud artifacts docker images describe` and `gh attestation verify` write, what
 * the npm registry and GitHub answer for attestations, and OSV for a package; any other text is one document. A part may be broken: that is found when it is parsed, and does not
 * stop the others.
 */
export function splitDocument(text: string): DocumentPart[] {
  const whole = tryParseJson(text);
  if (whole !== undefined) return splitValue(whole, text);
  if (isNotation(text)) return [wholeText(text)];
  const lines = splitJsonLines(text);
  if (!lines.some((line) => isDocumentLine(line.text))) return [wholeText(text)];
  return lines.flatMap((line) => {
    const value = tryParseJson(line.text);
    const parts = splitValue(value, line.text);
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
  return isList(value) || (isObject(value) && wrappedIn(value) !== null);
}

function splitValue(value: unknown, text: string): DocumentPart[] {
  const wrapped = isObject(value) ? wrappedIn(value) : null;
  if (wrapped !== null) return wrapped.flatMap(([path, inner]) => within(path, inner));
  if (!isList(value)) return [wholeText(text)];
  return value.flatMap((element, index) => within(String(index), element));
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.some(isObject);
}

/** A document in another one, or those that it holds itself. */
function within(path: string, value: unknown): DocumentPart[] {
  return splitValue(value, JSON.stringify(value)).map(({ text, where }) => ({
    text,
    where: where === '' ? path : `${path}.${where}`,
  }));
}

/** What a document holds, each with where it is; null where it is one itself. */
function wrappedIn(value: JsonObject): (readonly [path: string, value: unknown])[] | null {
  const { provenance_summary: summary, attestations, attestation, vulns } = value;
  const members = (path: string, entries: readonly unknown[], member: string) =>
    entries.map(
      (entry, index) => [`${path}.${index}.${member}`, asObject(entry)[member] ?? null] as const,
    );
  if (isObject(summary) && Array.isArray(summary['provenance'])) {
    return members('provenance_summary.provenance', summary['provenance'], 'envelope');
  }
  if (objectsOf(attestations).some(({ bundle }) => isObject(bundle))) {
    return members('attestations', asArray(attestations), 'bundle');
  }
  const { bundle } = asObject(attestation);
  if (isObject(bundle)) return [['attestation.bundle', bundle]];
  const isOsv = objectsOf(vulns).some(({ id, modified }) => isText(id) && isText(modified));
  return isOsv ? asArray(vulns).map((entry, index) => [`vulns.${index}`, entry] as const) : null;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
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
