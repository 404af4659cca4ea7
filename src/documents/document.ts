import type { Format, ParsedDocument } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';
import { clip, isObject, tryParseJson, unsupported, type JsonObject } from './json.ts';
import { isWrapper, splitDocument } from './split.ts';
import { readText } from './text.ts';
import { createWarnings, type Warnings } from './warnings.ts';

/**
 * Reads one document, told by its content and never by its name. Pure: the same text always gives the same changes.
 *
 * @param sha256 of the document's bytes, hex; the claim of everything that it says
 * @param about what it is about, where it does not say so itself: a digest or a purl
 * @throws StemmaError DOCUMENT_MALFORMED where it is broken, DOCUMENT_UNSUPPORTED where it is something else
 */
export function parseDocument(
  text: string,
  sha256: string,
  about: string | null = null,
): ParsedDocument {
  return parseRecognised(recogniseDocument(text), text, sha256, about);
}

/** Like parseDocument, of a text that was recognised; once only, because its warnings are gathered in one place. */
export function parseRecognised(
  { format, value, isJson, warnings }: RecognisedDocument,
  text: string,
  sha256: string,
  about: string | null = null,
): ParsedDocument {
  return format.parse(value, { sha256, size: Buffer.byteLength(text), about, isJson, warnings });
}

/** What a text is, and what of it could not be read before its format was known. */
export type RecognisedDocument = {
  readonly format: Format;
  readonly value: JsonObject;
  /** Whether the text is JSON: the schema of a format is that of its JSON form. */
  readonly isJson: boolean;
  readonly warnings: Warnings;
};

/**
 * What a text is.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function recogniseDocument(text: string): RecognisedDocument {
  const warnings = createWarnings();
  const value = parseOne(text, warnings);
  if (!isObject(value)) {
    throw unsupported('The document is not an object: this service reads nothing of that kind.');
  }
  const format = FORMATS.find(({ is }) => is(value));
  if (format !== undefined) {
    return { format, value, isJson: /^\uFEFF?\s*\{/.test(text), warnings };
  }
  throw unsupported(unknownReason(value));
}

/** The value of a text that holds one document. */
function parseOne(text: string, warnings: Warnings): unknown {
  const value = tryParseJson(text);
  if (value !== undefined && !isWrapper(value)) return value;
  const parts = splitDocument(text);
  if (parts.length === 1 && parts[0]?.text === text) return readText(text, warnings);
  throw unsupported(
    `The text holds ${parts.length === 1 ? 'a document' : `${parts.length} documents`} (${listOf(parts.map(({ where }) => where))}): submit ${parts.length === 1 ? 'that' : 'each'} by itself.`,
  );
}

/** Formats that are recognised, to say so, and not read. */
const OTHERS: readonly (readonly [what: string, is: (value: JsonObject) => boolean])[] = [
  [
    'an SPDX 3 document without elements (@graph)',
    (value) => String(value['@context']).includes('spdx'),
  ],
  [
    'the manifest of one OCI image',
    (value) => value['schemaVersion'] === 2 && 'config' in value && 'layers' in value,
  ],
  ['an in-toto layout or link', (value) => isObject(value['signed']) && 'signatures' in value],
];

function unknownReason(value: JsonObject): string {
  const known = OTHERS.find(([, is]) => is(value));
  if (known !== undefined) return `The document is ${known[0]}, which this service does not read.`;
  return `The document is not one that this service reads (${FORMATS.map(({ title }) => title).join(', ')}): its members are ${listOf(Object.keys(value))}.`;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 6).map((name) => clip(name, 40));
  return shown.length === 0
    ? 'none'
    : `${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`;
}
