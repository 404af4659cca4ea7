import {
  asArray,
  asText,
  isObject,
  malformed,
  parseJson,
  unsupported,
  type JsonObject,
} from '../../json.ts';
import { fromBase64, textOf } from '../../packed.ts';
import type { Warnings } from '../../warnings.ts';

/** What was found in an envelope. Signatures are counted, not verified. */
export type Envelope = {
  /** `''`, `dsse` or `sigstore-bundle-v0.3`. */
  readonly wrapping: string;
  /** The statement as JSON. */
  readonly statement: unknown;
  readonly payloadType: string | null;
  readonly signatures: number;
};

const BUNDLE_TYPE =
  /^application\/vnd\.dev\.sigstore\.bundle(?:\+json;\s*version=(\d+\.\d+)|\.v(\d+\.\d+)\+json)$/;
const BUNDLE_VERSIONS = new Set(['0.1', '0.2', '0.3']);
/** in-toto's own type, its per-predicate form, and the statement's type, which OSS Rebuild writes. */
const PAYLOAD_TYPE =
  /^(?:application\/vnd\.in-toto(?:[.+][\w.+-]+)?\+json|https:\/\/in-toto\.io\/Statement\/v[\d.]+)$/;

export function isBundle(value: JsonObject): boolean {
  return (
    String(value['mediaType']).startsWith('application/vnd.dev.sigstore.bundle') ||
    ('verificationMaterial' in value && ('dsseEnvelope' in value || 'messageSignature' in value))
  );
}

export function isDsse(value: JsonObject): boolean {
  return 'payload' in value && ('payloadType' in value || 'signatures' in value);
}

/**
 * Opens a Sigstore bundle, a DSSE envelope or nothing (a plain statement).
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 * @see https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md, https://docs.sigstore.dev/about/bundle/
 */
export function openEnvelope(value: JsonObject, warnings: Warnings): Envelope {
  if (isBundle(value)) return openBundle(value, warnings);
  if (isDsse(value)) return openDsse(value, 'dsse', '', warnings);
  return { wrapping: '', statement: value, payloadType: null, signatures: 0 };
}

/** A bundle that nobody can verify says what it says all the same; whether to believe it is decided by verification. */
function openBundle(value: JsonObject, warnings: Warnings): Envelope {
  const mediaType = asText(value['mediaType']) ?? '';
  const found = BUNDLE_TYPE.exec(mediaType);
  const version = found?.[1] ?? found?.[2] ?? '';
  if (!BUNDLE_VERSIONS.has(version)) {
    throw unsupported(
      `The Sigstore bundle has the media type '${mediaType}'; this service reads versions 0.1, 0.2 and 0.3.`,
      'mediaType',
    );
  }
  if (value['messageSignature'] !== undefined) {
    throw unsupported(
      `The Sigstore bundle holds a 'messageSignature' over a file, not an attestation: submit artifact.signed instead.`,
      'messageSignature',
    );
  }
  const envelope = value['dsseEnvelope'];
  if (!isObject(envelope))
    throw malformed(`The Sigstore bundle has no 'dsseEnvelope'.`, 'dsseEnvelope');
  const opened = openDsse(envelope, `sigstore-bundle-v${version}`, 'dsseEnvelope.', warnings);
  if (!isObject(value['verificationMaterial'])) {
    warnings.add(
      'verificationMaterial',
      `The Sigstore bundle has no 'verificationMaterial': it cannot be verified.`,
    );
  }
  if (opened.signatures !== 1) {
    warnings.add(
      'dsseEnvelope.signatures',
      `The Sigstore bundle has ${opened.signatures} signatures; a bundle has exactly one: it cannot be verified.`,
    );
  }
  return opened;
}

function openDsse(value: JsonObject, wrapping: string, path: string, warnings: Warnings): Envelope {
  const payloadType = asText(value['payloadType']) ?? '';
  if (!PAYLOAD_TYPE.test(payloadType)) {
    throw unsupported(
      `The DSSE envelope carries a '${payloadType}', not an in-toto statement (application/vnd.in-toto+json).`,
      `${path}payloadType`,
    );
  }
  if (!Array.isArray(value['signatures'])) {
    warnings.add(
      `${path}signatures`,
      `The DSSE envelope has no array 'signatures': it cannot be verified.`,
    );
  }
  return {
    wrapping,
    statement: parseJson(
      decode(value['payload'], `${path}payload`),
      'The payload of the DSSE envelope',
    ),
    payloadType,
    signatures: asArray(value['signatures']).filter(isObject).length,
  };
}

/** The text of a payload: standard or URL-safe base64, with or without padding, of UTF-8 that may be packed with gzip. */
function decode(payload: unknown, path: string): string {
  const bytes = typeof payload === 'string' ? fromBase64(payload) : null;
  if (bytes === null) {
    throw malformed(`The payload of the DSSE envelope ('${path}') is not base64.`, path);
  }
  const text = textOf(bytes);
  if (text !== null) return text;
  throw malformed(
    `The payload of the DSSE envelope ('${path}') does not decode to UTF-8 text.`,
    path,
  );
}
