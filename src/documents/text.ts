import { isCycloneDxXml, parseCycloneDxXml } from './formats/cyclonedx/xml.ts';
import { isTagValue, parseTagValue } from './formats/spdx/tag-value.ts';
import { parseJson, tryParseJson, unsupported } from './json.ts';
import type { Warnings } from './warnings.ts';
import { isYaml, parseYaml } from './yaml.ts';

/** How a text is written, beside JSON: each is read as the JSON of the same document, so that no format knows more than that. */
type Notation = {
  readonly is: (text: string) => boolean;
  /** @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED */
  readonly read: (text: string, warnings: Warnings) => unknown;
};

/** The first one that knows a text reads it. */
const NOTATIONS: readonly Notation[] = [
  { is: isCycloneDxXml, read: parseCycloneDxXml },
  {
    is: (text) => /^\uFEFF?\s*</.test(text),
    read() {
      throw unsupported('The document is XML, of which this service reads CycloneDX alone.');
    },
  },
  { is: isTagValue, read: parseTagValue },
  { is: isYaml, read: parseYaml },
];

/** Whether a text that is not JSON is written in a way that is read, or known by name. */
export function isNotation(text: string): boolean {
  return NOTATIONS.some(({ is }) => is(text));
}

/**
 * The value of a text as JSON: of JSON itself, YAML, SPDX tag-value and CycloneDX XML. Every text goes through here, wherever it comes
 * from; its digest is that of its own bytes.
 *
 * @param warnings gathers what of it cannot be read
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function readText(text: string, warnings: Warnings): unknown {
  const value = tryParseJson(text);
  if (value !== undefined) return value;
  const notation = NOTATIONS.find(({ is }) => is(text));
  return notation === undefined ? parseJson(text) : notation.read(text, warnings);
}
