import { StemmaError } from '../errors.ts';

/** Longest identifier that becomes part of a node key, in UTF-16 units: 6 kB of UTF-8 at the most. */
export const MAX_ID_LENGTH = 2048;

/**
 * Longest value of an indexed property, in bytes of UTF-8. An index of Neo4j takes 8,164 bytes, the one of events by subject 8,154
 * together with the label (measured on 5.26); a longer value fails the transaction.
 */
export const MAX_KEY_BYTES = 8_000;

const CONTROL = /[\u0000-\u001f\u007f]/;

/** Why a string cannot be an identifier, or null where it can. */
export function identifierProblem(text: string): string | null {
  return text.length > MAX_ID_LENGTH
    ? `has ${text.length} characters; at most ${MAX_ID_LENGTH} are allowed`
    : characterProblem(text);
}

/** Like identifierProblem, whatever the length. */
export function characterProblem(text: string): string | null {
  if (text.length === 0) return 'is empty';
  // Neo4j stores a lone surrogate as U+FFFD, so that two identifiers could collide.
  if (!text.isWellFormed()) return 'contains a lone surrogate';
  if (CONTROL.test(text)) return 'contains a control character';
  return null;
}

/** Why a canonical key cannot be indexed, or null where it can: percent-encoding makes nine characters of one. */
export function keyProblem(key: string): string | null {
  // UTF-8 needs at most three bytes for each UTF-16 unit
  if (key.length * 3 <= MAX_KEY_BYTES) return null;
  const bytes = Buffer.byteLength(key);
  return bytes <= MAX_KEY_BYTES
    ? null
    : `has ${bytes} bytes in canonical form; at most ${MAX_KEY_BYTES} are allowed`;
}

/** @throws StemmaError BAD_USER_INPUT naming `what`, how long its key is, and the remedy */
export function checkKey(key: string, what: string): string {
  const problem = keyProblem(key);
  if (problem === null) return key;
  throw new StemmaError('BAD_USER_INPUT', `'${what}' ${problem}: give a shorter one.`, {
    details: { path: what, limit: MAX_KEY_BYTES },
  });
}

/** @throws StemmaError BAD_USER_INPUT naming `what` and the reason. */
export function checkIdentifier(text: string, what: string): string {
  const problem = identifierProblem(text);
  if (problem !== null) {
    throw new StemmaError('BAD_USER_INPUT', `${what} ${problem}.`, { details: { path: what } });
  }
  return text;
}

/** Longest free text of an event, in characters (64 kB of ASCII). */
const MAX_TEXT = 65_536;

/** Text from outside as an event may carry it: well-formed, and cut (at 64 kB) without splitting a character. */
export function cutText(text: string, limit = MAX_TEXT): string {
  return text.length <= limit
    ? text.toWellFormed()
    : text
        .toWellFormed()
        .slice(0, limit)
        .replace(/[\uD800-\uDBFF]$/, '');
}
