import { asText, isObject, malformed, unsupported, type JsonObject } from '../json.ts';

/** An in-toto statement: these subjects, this predicate about them. */
export type Statement = {
  readonly type: string;
  /** `v0.1` or `v1`. */
  readonly version: string;
  readonly predicateType: string | null;
  readonly subjects: readonly Descriptor[];
  readonly predicate: JsonObject;
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
 * Reads a statement: strict about what would change its meaning (an unknown version, a digest that is no set), lenient about
 * what is merely missing. Unknown members are ignored, as the specification demands.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export function parseStatement(value: unknown): Statement {
  if (!isObject(value) || !isStatement(value)) {
    throw malformed(`The envelope holds no in-toto statement: it has no '_type'.`, '_type');
  }
  const type = asText(value['_type'] ?? value['type']) ?? '';
  const version = STATEMENT_TYPES[type];
  if (version === undefined) {
    throw unsupported(
      `'${type}' is no version of the in-toto statement that this service reads (https://in-toto.io/Statement/v0.1 or /v1).`,
      '_type',
    );
  }
  const predicate = value['predicate'];
  if (predicate !== undefined && predicate !== null && typeof predicate !== 'object') {
    throw malformed(
      `The statement's 'predicate' must be an object, not a ${typeof predicate}.`,
      'predicate',
    );
  }
  return {
    type,
    version,
    predicateType: asText(value['predicateType'] ?? value['predicate_type']),
    subjects: parseSubjects(value['subject']),
    predicate: isObject(predicate) ? predicate : {},
  };
}

function parseSubjects(value: unknown): Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value))
    throw malformed(`The statement's 'subject' must be an array.`, 'subject');
  return value.map((subject: unknown, index) => {
    const path = `subject.${index}`;
    if (!isObject(subject)) throw malformed(`The statement's '${path}' must be an object.`, path);
    const digest = subject['digest'];
    if (digest !== undefined && digest !== null && !isObject(digest)) {
      throw malformed(
        `The statement's '${path}.digest' must be an object of algorithm to value, such as {"sha256": "…"}.`,
        `${path}.digest`,
      );
    }
    return toDescriptor(subject);
  });
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
