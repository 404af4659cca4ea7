import canonicalize from 'canonicalize';
import { messageOf, StemmaError } from '../errors.ts';

/** Reading of untrusted JSON: every function is total but `parseJson`; a value of the wrong type counts as absent. */
export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_TEXT = 4096;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** @throws StemmaError DOCUMENT_MALFORMED, with the position of the first error where the engine tells it */
export function parseJson(text: string, what = 'The document'): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown; // the type of JSON.parse is any
  } catch (cause) {
    throw malformed(`${what} is not JSON: ${messageOf(cause)}.`, '', cause);
  }
}

/** The value, or undefined where the text is not JSON. */
export function tryParseJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of an array; everything else in it is left out. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return asArray(value).filter(isObject);
}

/** A string with something in it, as it may be stored: well-formed and of bounded length. */
export function asText(value: unknown, limit = MAX_TEXT): string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  return clip(value, limit);
}

export function clip(text: string, limit: number): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.length <= limit
    ? wellFormed
    : `${wellFormed.slice(0, limit - 1).toWellFormed()}…`;
}

/** One text for equal values, whatever the order of their members (RFC 8785). */
export function canonicalText(value: unknown): string {
  try {
    return canonicalize(value) ?? '';
  } catch {
    // RFC 8785 has no form for a lone surrogate; JSON.stringify escapes it.
    return JSON.stringify(value);
  }
}

/** An RFC 3339 time in ms since the epoch. */
export function asTime(value: unknown): number | null {
  if (typeof value !== 'string' || !RFC3339.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}

/** Not what it claims to be. `path` is where, such as `subject.0.digest`. */
export function malformed(message: string, path = '', cause?: unknown): StemmaError {
  return new StemmaError('DOCUMENT_MALFORMED', message, { cause, details: { path } });
}

/** Something that this service does not read. */
export function unsupported(message: string, path = ''): StemmaError {
  return new StemmaError('DOCUMENT_UNSUPPORTED', message, { details: { path } });
}
