import { isBom } from '../cyclonedx/bom.ts';
import { isOpenVex } from '../openvex/statements.ts';
import { isSpdx } from '../spdx/document.ts';
import { asArray, clip, isObject, tryParseJson, type JsonObject } from '../../json.ts';
import { fromBase64, textOf } from '../../packed.ts';
import type { Statement } from './statement.ts';

/** What a predicate holds that is a format of its own. */
export type Embedded =
  | { readonly kind: 'cyclonedx' | 'spdx' | 'openvex'; readonly value: JsonObject }
  /** Something of which nothing is read; `reason` is a sentence. */
  | { readonly kind: 'unread'; readonly reason: string };

/** How deep wrappers may lie in each other. */
const MAX_DEPTH = 3;

/** Formats that are known by name, and not read. */
const UNREAD: readonly (readonly [
  what: string,
  is: (value: JsonObject) => boolean,
  type: RegExp,
])[] = [
  [
    'an SPDX document in another form than SPDX 2 in JSON',
    (value) => contextOf(value).includes('spdx'),
    /spdx/i,
  ],
  [
    'a CSAF document',
    (value) => isObject(value['document']) && 'csaf_version' in value['document'],
    /csaf/i,
  ],
];

/**
 * The document in a predicate, told by its content: the predicate itself, or what cosign (`Data`) and others put around it, as
 * JSON, as text, as base64, packed or not.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/COSIGN_PREDICATE_SPEC.md
 */
export function embeddedIn({ predicateType, predicate, predicateText }: Statement): Embedded {
  const found = documentIn(predicateText ?? predicate, 0);
  if (found !== null) {
    if (isBom(found)) return { kind: 'cyclonedx', value: found };
    if (isSpdx(found)) return { kind: 'spdx', value: found };
    if (isOpenVex(found)) return { kind: 'openvex', value: found };
  }
  const type = predicateType ?? '';
  const [what] =
    UNREAD.find(([, is]) => found !== null && is(found)) ??
    UNREAD.find(([, , name]) => name.test(type)) ??
    [];
  if (what !== undefined) {
    return {
      kind: 'unread',
      reason: `The predicate is ${what}, which this service does not read: of the statement only the subjects are known.`,
    };
  }
  if (/cyclonedx\.org/i.test(type)) {
    const isReference = Object.keys(predicate).some((name) =>
      /digest|uri|location|hash/i.test(name),
    );
    return {
      kind: 'unread',
      reason: isReference
        ? 'The predicate refers to a CycloneDX document without holding it: submit that document itself, with the subject as `about`.'
        : 'The predicate is called CycloneDX and does not hold a CycloneDX document in JSON: nothing of it is read.',
    };
  }
  return {
    kind: 'unread',
    reason:
      type === ''
        ? 'The statement has no predicateType: only its subjects are known.'
        : `Predicates of the type '${clip(type, 120)}' are not read: of the statement only the subjects are known.`,
  };
}

function documentIn(value: unknown, depth: number): JsonObject | null {
  if (depth > MAX_DEPTH) return null;
  if (typeof value === 'string') return documentIn(jsonIn(value), depth + 1);
  if (!isObject(value)) return null;
  if (isBom(value) || isSpdx(value)) return value;
  const inner = documentIn(value['Data'] ?? value['data'] ?? null, depth + 1);
  return inner ?? value;
}

/** The object in a text of JSON, or of base64 of JSON. */
function jsonIn(text: string): JsonObject | null {
  const direct = tryParseJson(text);
  if (isObject(direct)) return direct;
  const bytes = fromBase64(typeof direct === 'string' ? direct : text);
  const unpacked = bytes === null ? null : textOf(bytes);
  const value = unpacked === null ? null : tryParseJson(unpacked);
  return isObject(value) ? value : null;
}

function contextOf(value: JsonObject): string {
  return asArray([value['@context']].flat()).map(String).join(' ');
}
