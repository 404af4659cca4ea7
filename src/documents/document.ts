import type { Format, ParsedDocument } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';
import { clip, isObject, parseJson, tryParseJson, unsupported, type JsonObject } from './json.ts';
import { isWrapper, splitDocument } from './split.ts';

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
  const { format, value } = recogniseDocument(text);
  return format.parse(value, { sha256, size: Buffer.byteLength(text), about });
}

/**
 * What a text is.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function recogniseDocument(text: string): { format: Format; value: JsonObject } {
  if (/^\uFEFF?\s*</.test(text)) throw unsupported(xmlReason(text));
  const value = parseOne(text);
  if (!isObject(value)) {
    throw unsupported(
      'The document is JSON but not an object: this service reads nothing of that kind.',
    );
  }
  const format = FORMATS.find(({ is }) => is(value));
  if (format !== undefined) return { format, value };
  throw unsupported(unknownReason(value));
}

/** The JSON of a text that holds one document. */
function parseOne(text: string): unknown {
  const value = tryParseJson(text);
  if (value !== undefined && !isWrapper(value)) return value;
  const parts = splitDocument(text);
  if (parts.length === 1 && parts[0]?.text === text) return parseJson(text);
  throw unsupported(
    `The text holds ${parts.length} documents (${listOf(parts.map(({ where }) => where))}): submit each by itself.`,
  );
}

/** Formats that are recognised, to say so, and not read. */
const OTHERS: readonly (readonly [what: string, is: (value: JsonObject) => boolean])[] = [
  ['an SPDX 3 document', (value) => String(value['@context']).includes('spdx')],
  [
    'a CSAF document',
    (value) => isObject(value['document']) && 'csaf_version' in value['document'],
  ],
  ['a SARIF log', (value) => 'runs' in value && 'version' in value],
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

function xmlReason(text: string): string {
  return /xmlns(?::\w+)?="http:\/\/cyclonedx\.org\/schema\/bom/.test(text.slice(0, 4096))
    ? 'The document is CycloneDX in XML, of which this service reads the JSON form only: convert it, for example with cyclonedx convert.'
    : 'The document is XML, which this service does not read.';
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 6).map((name) => clip(name, 40));
  return shown.length === 0
    ? 'none'
    : `${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`;
}
