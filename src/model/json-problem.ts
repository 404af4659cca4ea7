import { StemmaError } from '../errors.ts';

/** Deepest nesting of arrays and objects that is read. */
export const MAX_JSON_DEPTH = 64;

/** Why a JSON text or value is refused; `details.reason` of the error. */
export type JsonReason =
  | 'JSON_SYNTAX'
  | 'JSON_COMMENT'
  | 'JSON_DUPLICATE_KEY'
  | 'JSON_FORBIDDEN_KEY'
  | 'JSON_NOT_FINITE'
  | 'JSON_NUMBER_UNSAFE'
  | 'JSON_LONE_SURROGATE'
  | 'JSON_NUL'
  | 'JSON_VALUE';

const WHY: Readonly<Record<JsonReason, string>> = {
  JSON_SYNTAX: 'is not well-formed JSON',
  JSON_COMMENT: 'has a comment, which JSON does not know: remove it',
  JSON_DUPLICATE_KEY: 'is stated twice in one object: readers would disagree which of them counts',
  JSON_FORBIDDEN_KEY: 'is a key that is never accepted (__proto__, constructor.prototype)',
  JSON_NOT_FINITE: 'is not a finite number: JSON knows neither NaN nor Infinity',
  JSON_NUMBER_UNSAFE: 'is an integer beyond 2^53-1 and would be changed: send it as a string',
  JSON_LONE_SURROGATE: 'contains a lone surrogate, which no UTF-8 text can hold',
  JSON_NUL: 'contains the character U+0000',
  JSON_VALUE: 'is not a JSON value',
};

/** @param path keys and indices from the root, such as `data.artifacts.0.digest` */
export function jsonProblem(reason: JsonReason, path: string, offset: number | null): StemmaError {
  const where = path === '' ? 'The input' : `'${path}'`;
  const at = offset === null ? '' : ` (at character ${offset})`;
  return new StemmaError('BAD_USER_INPUT', `${where} ${WHY[reason]}${at}.`, {
    details: { reason, path, ...(offset === null ? {} : { offset }) },
  });
}

export function tooDeep(limit: number, path: string, offset: number | null): StemmaError {
  return new StemmaError(
    'PAYLOAD_TOO_DEEP',
    `The input nests arrays and objects deeper than ${limit} levels: flatten it, or send the deep part as a document.`,
    { details: { limit, path, ...(offset === null ? {} : { offset }) } },
  );
}

export function tooMany(limit: number): StemmaError {
  return new StemmaError(
    'PAYLOAD_TOO_LARGE',
    `The list has more than ${limit} elements: send it in several requests.`,
    {
      details: { limit, path: '' },
    },
  );
}

/** A key as part of a path; long keys are cut, so that an error never repeats the payload. */
export function pathPart(key: string | number): string {
  const text = String(key);
  return (text.length > 80 ? `${text.slice(0, 77)}…` : text).toWellFormed();
}

/** Why a number cannot be kept exactly, or null. An integer counts as unsafe where its JSON form is one. */
export function numberProblem(value: number, writtenAsInteger: boolean): JsonReason | null {
  if (!Number.isFinite(value)) return 'JSON_NOT_FINITE';
  const size = Math.abs(value);
  if (size <= Number.MAX_SAFE_INTEGER) return null;
  // from 1e21 on the canonical form has an exponent: a measurement, not a counter or an id
  return size < 1e21 || writtenAsInteger ? 'JSON_NUMBER_UNSAFE' : null;
}

/** Why a string cannot be kept exactly, or null. */
export function stringProblem(text: string): JsonReason | null {
  if (!text.isWellFormed()) return 'JSON_LONE_SURROGATE';
  return text.includes('\0') ? 'JSON_NUL' : null;
}
