import { tryParseJson } from '../documents/json.ts';
import { isNotation } from '../documents/text.ts';
import { fromBase64, isGzip, textOf, unpack } from '../documents/packed.ts';
import { messageOf } from '../errors.ts';
import { tooLarge } from './documents.ts';
import { binaryReason, decode } from './input.ts';

/** The text of an input, or why there is none: the end of a sentence that begins with its name. */
export type Unpacked =
  | { readonly text: string; readonly reason: null }
  | { readonly text: null; readonly reason: string };

/**
 * The text in the bytes of an input: as it is, packed with gzip, or as base64 of either, which is how registries and clusters hand
 * documents out. A document is what was packed: its digest is that of the text.
 *
 * @param limit most bytes that it may have unpacked
 */
export function unpackText(bytes: Buffer, limit: number): Unpacked {
  let unpacked: Buffer;
  try {
    unpacked = unpack(bytes, limit);
  } catch (error) {
    const isTooLong =
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      error.code === 'ERR_BUFFER_TOO_LARGE';
    return no(isTooLong ? messageOf(tooLarge(null, limit)) : 'is not a whole gzip file');
  }
  const binary = binaryReason(unpacked);
  if (binary !== null)
    return no(isGzip(bytes) ? `is packed with gzip, and what is in it ${binary}` : binary);
  let text: string;
  try {
    text = decode(unpacked);
  } catch {
    return no('is not UTF-8 text');
  }
  return { text: documentInBase64(text) ?? text, reason: null };
}

/** The document in a text that is base64 and nothing else. */
function documentInBase64(text: string): string | null {
  if (/^\uFEFF?\s*[[{<"]/.test(text)) return null; // most texts, without looking at all of them
  const bytes = fromBase64(text);
  const inner = bytes === null ? null : textOf(bytes);
  if (inner === null) return null;
  const isJson = /^\s*[[{]/.test(inner) && typeof tryParseJson(inner) === 'object';
  return isJson || isNotation(inner) ? inner : null;
}

function no(reason: string): Unpacked {
  return { text: null, reason };
}
