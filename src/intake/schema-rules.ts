import { StemmaError } from '../errors.ts';

/** Largest JSON Schema of a custom type, in bytes of UTF-8. */
export const MAX_SCHEMA_BYTES = 64 * 1024;
const MAX_SCHEMA_DEPTH = 32;
/** Subschemas after every local `$ref` is replaced by what it names: bounds the work of one validation. */
const MAX_SUBSCHEMAS = 2_000;
/** `uniqueItems` compares every pair. */
const MAX_UNIQUE_ITEMS = 1_000;

const ONE_SCHEMA = new Set([
  'items',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
]);
const LIST_OF_SCHEMAS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const MAP_OF_SCHEMAS = new Set(['properties', 'dependentSchemas']);
const DEFINITIONS = new Set(['$defs', 'definitions']);
const PATTERNS = new Set(['pattern', 'patternProperties']);
const REFERENCES = new Set([
  '$dynamicRef',
  '$recursiveRef',
  '$dynamicAnchor',
  '$recursiveAnchor',
  '$anchor',
  '$vocabulary',
]);
const PLAIN = new Set(
  (
    'type const enum title description default examples deprecated readOnly writeOnly $comment $schema $id format ' +
    'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems ' +
    'minContains maxContains minProperties maxProperties required dependentRequired contentEncoding contentMediaType'
  ).split(' '),
);

/**
 * Whether a schema may be compiled: nothing in it may cost more than linear time (S29), load something, or grow without bound.
 *
 * @throws StemmaError BAD_USER_INPUT with `details.reason`
 */
export function checkSchema(schema: Readonly<Record<string, unknown>>): void {
  if (Buffer.byteLength(JSON.stringify(schema)) > MAX_SCHEMA_BYTES) {
    throw refuse('SCHEMA_TOO_LARGE', `is larger than ${MAX_SCHEMA_BYTES} bytes`, '');
  }
  countSubschemas(schema, { root: schema, left: MAX_SUBSCHEMAS, open: new Set() }, '', 0);
}

type Walk = { readonly root: unknown; left: number; readonly open: Set<string> };

function countSubschemas(schema: unknown, walk: Walk, path: string, depth: number): void {
  if (typeof schema === 'boolean') return;
  if (!isObject(schema)) throw refuse('SCHEMA_INVALID', 'must be an object or a boolean', path);
  if (depth > MAX_SCHEMA_DEPTH)
    throw refuse('SCHEMA_TOO_DEEP', `nests deeper than ${MAX_SCHEMA_DEPTH} levels`, path);
  walk.left -= 1;
  if (walk.left < 0)
    throw refuse('SCHEMA_TOO_LARGE', `has more than ${MAX_SUBSCHEMAS} subschemas`, path);
  for (const [keyword, value] of Object.entries(schema)) {
    const at = path === '' ? keyword : `${path}.${keyword}`;
    if (PATTERNS.has(keyword)) throw refuse('PATTERN_NOT_ALLOWED', 'is a regular expression', at);
    if (REFERENCES.has(keyword)) throw refuse('REF_NOT_ALLOWED', 'is not read', at);
    if (keyword === '$ref') followReference(value, walk, at, depth);
    else if (keyword === '$id' && path !== '')
      throw refuse('REF_NOT_ALLOWED', 'is only read at the top', at);
    else if (keyword === 'format' && value === 'regex')
      throw refuse('PATTERN_NOT_ALLOWED', 'is a regular expression', at);
    else if (keyword === 'uniqueItems' && value === true) checkUnique(schema['maxItems'], at);
    else if (ONE_SCHEMA.has(keyword)) countSubschemas(value, walk, at, depth + 1);
    else if (LIST_OF_SCHEMAS.has(keyword)) countAll(value, walk, at, depth);
    else if (MAP_OF_SCHEMAS.has(keyword) || DEFINITIONS.has(keyword))
      countAll(value, walk, at, depth);
    else if (!PLAIN.has(keyword))
      throw refuse('KEYWORD_NOT_ALLOWED', 'is not a keyword that is read', at);
  }
}

function countAll(value: unknown, walk: Walk, path: string, depth: number): void {
  if (typeof value !== 'object' || value === null)
    throw refuse('SCHEMA_INVALID', 'must hold schemas', path);
  for (const [name, schema] of Object.entries(value))
    countSubschemas(schema, walk, `${path}.${name}`, depth + 1);
}

/** Only `#/…` within the schema, and never around in a circle. */
function followReference(reference: unknown, walk: Walk, path: string, depth: number): void {
  if (typeof reference !== 'string' || !reference.startsWith('#/')) {
    throw refuse('REF_NOT_ALLOWED', "must point into the schema itself ('#/$defs/…')", path);
  }
  if (walk.open.has(reference)) throw refuse('SCHEMA_RECURSIVE', 'leads back to itself', path);
  let target = walk.root;
  for (const part of reference.slice(2).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    target =
      typeof target === 'object' && target !== null && Object.hasOwn(target, key)
        ? Reflect.get(target, key)
        : undefined;
  }
  if (target === undefined) throw refuse('REF_NOT_ALLOWED', 'names nothing in the schema', path);
  walk.open.add(reference);
  countSubschemas(target, walk, path, depth + 1);
  walk.open.delete(reference);
}

function checkUnique(maxItems: unknown, path: string): void {
  if (typeof maxItems === 'number' && maxItems <= MAX_UNIQUE_ITEMS) return;
  throw refuse(
    'KEYWORD_NOT_ALLOWED',
    `needs maxItems of at most ${MAX_UNIQUE_ITEMS} beside it`,
    path,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function refuse(reason: string, why: string, path: string): StemmaError {
  const where = path === '' ? 'data.schema' : `data.schema.${path.slice(0, 200)}`;
  return new StemmaError('BAD_USER_INPUT', `The schema is refused: '${where}' ${why}.`, {
    details: { reason, path: where },
  });
}
