import { StemmaError } from '../errors.ts';

/** Longest identifier that becomes part of a node key. Neo4j cannot index values over about 8 kB. */
export const MAX_ID_LENGTH = 2048;

const CONTROL = /[\u0000-\u001f\u007f]/;

/** Why a string cannot be an identifier, or null where it can. */
export function identifierProblem(text: string): string | null {
  if (text.length === 0) return 'is empty';
  if (text.length > MAX_ID_LENGTH) {
    return `has ${text.length} characters; at most ${MAX_ID_LENGTH} are allowed`;
  }
  // Neo4j stores a lone surrogate as U+FFFD, so that two identifiers could collide.
  if (!text.isWellFormed()) return 'contains a lone surrogate';
  if (CONTROL.test(text)) return 'contains a control character';
  return null;
}

/** @throws StemmaError BAD_USER_INPUT naming `what` and the reason. */
export function checkIdentifier(text: string, what: string): string {
  const problem = identifierProblem(text);
  if (problem !== null) {
    throw new StemmaError('BAD_USER_INPUT', `${what} ${problem}.`, { details: { path: what } });
  }
  return text;
}
