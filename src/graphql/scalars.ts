import { StemmaError } from '../errors.ts';
import { digestProblem } from '../model/digest.ts';
import { time } from '../model/events/fields.ts';
import { checkValue } from '../model/json-value.ts';
import { parsePurl } from '../model/purl.ts';

/** How a scalar is read from and written to JSON. Reading throws StemmaError BAD_USER_INPUT. */
export type ScalarCodec = {
  readonly serialize: (value: unknown) => unknown;
  readonly parseValue: (value: unknown) => unknown;
};

const digest: ScalarCodec = {
  serialize: String,
  parseValue(value) {
    const problem = typeof value === 'string' ? digestProblem(value) : 'A digest is a string.';
    if (problem !== null) throw bad(problem);
    return value;
  },
};

const safeInteger: ScalarCodec = {
  serialize: Number,
  parseValue(value) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw bad('This must be an integer from 0 to 2^53 - 1.');
  },
};

/** The text of a time stays as it was written. */
function parseTime(value: unknown): string {
  const result = time.safeParse(value);
  if (result.success) return result.data;
  throw bad('A time is written as in RFC 3339, such as 2026-11-21T10:00:00Z.');
}

export const SCALARS: Readonly<Record<string, ScalarCodec>> = {
  DateTime: {
    /** Of ms since the epoch. */
    serialize: (value) => new Date(value as number).toISOString(),
    /** As the producer wrote it: it is part of what an event says. */
    parseValue: parseTime,
  },
  JSON: {
    serialize: (value) => value,
    parseValue(value) {
      checkValue(value);
      return value;
    },
  },
  Digest: digest,
  Purl: {
    serialize: String,
    parseValue(value) {
      if (typeof value !== 'string') throw bad('A package URL is a string.');
      parsePurl(value);
      return value;
    },
  },
  Position: safeInteger,
  PositionOrTime: {
    serialize: (value) => value,
    parseValue: (value) =>
      typeof value === 'string' ? parseTime(value) : safeInteger.parseValue(value),
  },
  ByteSize: safeInteger,
};

function bad(message: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', message);
}
