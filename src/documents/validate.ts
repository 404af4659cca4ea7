import { parseRecognised, recogniseDocument } from './document.ts';
import type { ParsedDocument } from './formats/format.ts';
import type { Warning } from './warnings.ts';

/** What the intake knows of a document. */
export type CheckedDocument = ParsedDocument & {
  /**
   * The first thing that the schema of its format finds wrong. It is stricter than the reader, and refuses nothing. The graph does
   * not keep it: the schema takes too long for the writer, and its publisher may change it.
   */
  readonly complaint: Warning | null;
};

/** What to tell whoever sends a document: what was left out of it, and what its schema finds wrong elsewhere. A sentence each. */
export function toldOf({ warnings, complaint }: CheckedDocument): readonly string[] {
  const isNew =
    complaint !== null && !warnings.some(({ path }) => `${complaint.path}.`.startsWith(`${path}.`));
  return [...warnings, ...(isNew ? [complaint] : [])].map(({ message }) => message);
}

/**
 * Reads a document before it is taken in, and checks it more strictly than it is read: against the schema of its
 * format. The first document of a version costs half a second, to compile its schema.
 *
 * @param sha256 of the document's bytes, hex
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED where it cannot be known what it says
 */
export async function checkDocument(text: string, sha256: string): Promise<CheckedDocument> {
  const recognised = recogniseDocument(text);
  const { format, value, isJson } = recognised;
  const parsed = parseRecognised(recognised, text, sha256);
  return { ...parsed, complaint: (isJson ? await format.complaint?.(value) : null) ?? null };
}
