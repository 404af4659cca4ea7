import { isCsaf } from '../csaf/advisory.ts';
import { isBom } from '../cyclonedx/bom.ts';
import { findings } from '../findings/index.ts';
import type { Format } from '../format.ts';
import { isOpenVex } from '../openvex/statements.ts';
import { isSpdx } from '../spdx/document.ts';
import { asArray, asObject, clip, isObject, type JsonObject } from '../../json.ts';
import { fromBase64, textOf } from '../../packed.ts';
import { readText } from '../../text.ts';
import type { Warnings } from '../../warnings.ts';
import { StemmaError } from '../../../errors.ts';
import type { Statement } from './statement.ts';

/** What a predicate holds that is a format of its own. */
export type Embedded =
  | { readonly kind: 'cyclonedx' | 'spdx' | 'openvex' | 'csaf'; readonly value: JsonObject }
  | { readonly kind: 'findings'; readonly format: Format; readonly value: JsonObject }
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
  ['an SPDX document that is not SPDX 2', (value) => contextOf(value).includes('spdx'), /spdx/i],
];

/**
 * The document in a predicate, told by its content: the predicate itself, or what cosign (`Data`; `scanner.result` around the report of a
 * scanner) and others put around it, as JSON, as text, as base64, packed or not.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/COSIGN_PREDICATE_SPEC.md,
 *   https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md
 */
export function embeddedIn(
  { predicateType, predicate, predicateText }: Statement,
  warnings: Warnings,
): Embedded {
  const found = documentIn(predicateText ?? predicate, 0, warnings);
  if (found !== null) {
    if (isBom(found)) return { kind: 'cyclonedx', value: found };
    if (isSpdx(found)) return { kind: 'spdx', value: found };
    if (isOpenVex(found)) return { kind: 'openvex', value: found };
    if (isCsaf(found)) return { kind: 'csaf', value: found };
  }
  const report = documentIn(asObject(predicate['scanner'])['result'], 0, warnings) ?? found;
  const format = report === null ? undefined : findings.find(({ is }) => is(report));
  if (report !== null && format !== undefined) return { kind: 'findings', format, value: report };
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
        : 'The predicate is called CycloneDX and does not hold a CycloneDX document that can be read: nothing of it is read.',
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

function documentIn(value: unknown, depth: number, warnings: Warnings): JsonObject | null {
  if (depth > MAX_DEPTH) return null;
  if (typeof value === 'string') return documentIn(objectIn(value, warnings), depth + 1, warnings);
  if (!isObject(value)) return null;
  if (isBom(value) || isSpdx(value)) return value;
  const inner = documentIn(value['Data'] ?? value['data'] ?? null, depth + 1, warnings);
  return inner ?? value;
}

/** The object in a text of a document, or of base64 of one. */
function objectIn(text: string, warnings: Warnings): JsonObject | null {
  const direct = tryReadText(text, warnings);
  if (isObject(direct)) return direct;
  const bytes = fromBase64(typeof direct === 'string' ? direct : text);
  const unpacked = bytes === null ? null : textOf(bytes);
  const value = unpacked === null ? null : tryReadText(unpacked, warnings);
  return isObject(value) ? value : null;
}

/** A text that cannot be read is not a document. */
function tryReadText(text: string, warnings: Warnings): unknown {
  try {
    return readText(text, warnings);
  } catch (error) {
    if (error instanceof StemmaError) return null;
    throw error;
  }
}

function contextOf(value: JsonObject): string {
  return asArray([value['@context']].flat()).map(String).join(' ');
}
