import { asText, isObject, malformed, unsupported, type JsonObject } from '../../json.ts';
import type { Warnings } from '../../warnings.ts';
import { entryOf } from '../../../model/table.ts';

/** An in-toto statement: these subjects, this predicate about them. */
export type Statement = {
  readonly type: string;
  /** `v0.1` or `v1`. */
  readonly version: string;
  readonly predicateType: string | null;
  readonly subjects: readonly Descriptor[];
  readonly predicate: JsonObject;
  /** As written, where it is not an object: a text that may hold a document. */
  readonly predicateText: string | null;
};

/** A ResourceDescriptor, and what the older versions had instead of it. Nothing in it is mandatory. */
export type Descriptor = {
  readonly uri: string | null;
  readonly name: string | null;
  /** Algorithm to value, as written: capitals and made-up algorithms included. */
  readonly digest: JsonObject;
  readonly mediaType: string | null;
  readonly downloadLocation: string | null;
};

const STATEMENT_TYPES: Readonly<Record<string, string>> = {
  'https://in-toto.io/Statement/v0.1': 'v0.1',
  'https://in-toto.io/Statement/v1': 'v1',
};

/** `type` is how the protobuf definition calls `_type`; Go tools write it. */
export function isStatement(value: JsonObject): boolean {
  return '_type' in value || ('type' in value && 'subject' in value);
}

/**
 * Reads a statement: strict about what would change its meaning (an unknown version), lenient about what is merely missing. A
 * subject that cannot be read is left out and named. Unknown members are ignored, as the specification demands.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where it cannot be known what it is about, DOCUMENT_UNSUPPORTED
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export function parseStatement(value: unknown, warnings: Warnings): Statement {
  if (!isObject(value) || !isStatement(value)) {
    throw malformed(`The envelope does not hold an in-toto statement: it has no '_type'.`, '_type');
  }
  const type = asText(value['_type'] ?? value['type']) ?? '';
  const version = entryOf(STATEMENT_TYPES, type);
  if (version === undefined) {
    throw unsupported(
      `'${type}' is not a version of the in-toto statement that this service reads (https://in-toto.io/Statement/v0.1 or /v1).`,
      '_type',
    );
  }
  const predicate = value['predicate'];
  if (predicate !== undefined && predicate !== null && !isObject(predicate)) {
    const is = Array.isArray(predicate) ? 'array' : typeof predicate;
    warnings.add(
      'predicate',
      `The statement's 'predicate' must be an object; it is a value of type ${is}.`,
    );
  }
  return {
    type,
    version,
    predicateType: asText(value['predicateType'] ?? value['predicate_type']),
    subjects: parseSubjects(value['subject'], warnings),
    predicate: isObject(predicate) ? predicate : {},
    predicateText: typeof predicate === 'string' ? predicate : null,
  };
}

function parseSubjects(value: unknown, warnings: Warnings): Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    throw malformed(`The statement's 'subject' must be an array.`, 'subject');
  }
  const found = value.flatMap((subject: unknown, index) => {
    const path = `subject.${index}`;
    const digest = isObject(subject) ? subject['digest'] : null;
    const isSet = digest === undefined || digest === null || isObject(digest);
    if (isObject(subject) && isSet) return [toDescriptor(subject)];
    const what = isObject(subject) ? `${path}.digest` : path;
    const form = isObject(subject)
      ? 'an object of algorithm to value, such as {"sha256": "…"}'
      : 'an object';
    warnings.add(what, `The statement's '${what}' must be ${form}: the subject is left out.`);
    return [];
  });
  if (found.length > 0 || value.length === 0) return found;
  throw malformed(
    `None of the statement's ${value.length} subjects can be read: ${warnings.list().at(-1)?.message ?? ''}`,
    'subject.0',
  );
}

export function toDescriptor(value: JsonObject): Descriptor {
  return {
    uri: asText(value['uri']),
    name: asText(value['name']),
    digest: isObject(value['digest']) ? value['digest'] : {},
    mediaType: asText(value['mediaType']),
    downloadLocation: asText(value['downloadLocation']),
  };
}
