import {
  asArray,
  asText,
  isObject,
  malformed,
  parseJson,
  unsupported,
  type JsonObject,
} from '../json.ts';

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
const BASE64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/;

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
export function openEnvelope(value: JsonObject): Envelope {
  if (isBundle(value)) return openBundle(value);
  if (isDsse(value)) return openDsse(value, 'dsse', '');
  return { wrapping: '', statement: value, payloadType: null, signatures: 0 };
}

function openBundle(value: JsonObject): Envelope {
  const mediaType = asText(value['mediaType']) ?? '';
  const found = BUNDLE_TYPE.exec(mediaType);
  const version = found?.[1] ?? found?.[2] ?? '';
  if (!BUNDLE_VERSIONS.has(version)) {
    throw unsupported(
      `The Sigstore bundle has the media type '${mediaType}'; this service reads versions 0.1, 0.2 and 0.3.`,
      'mediaType',
    );
  }
  if (!isObject(value['verificationMaterial'])) {
    throw malformed(`The Sigstore bundle has no 'verificationMaterial'.`, 'verificationMaterial');
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
  const opened = openDsse(envelope, `sigstore-bundle-v${version}`, 'dsseEnvelope.');
  if (opened.signatures !== 1) {
    throw malformed(
      `The Sigstore bundle has ${opened.signatures} signatures; a bundle has exactly one.`,
      'dsseEnvelope.signatures',
    );
  }
  return opened;
}

function openDsse(value: JsonObject, wrapping: string, path: string): Envelope {
  const payloadType = asText(value['payloadType']) ?? '';
  if (!PAYLOAD_TYPE.test(payloadType)) {
    throw unsupported(
      `The DSSE envelope carries a '${payloadType}', not an in-toto statement (application/vnd.in-toto+json).`,
      `${path}payloadType`,
    );
  }
  if (!Array.isArray(value['signatures'])) {
    throw malformed(`The DSSE envelope has no array 'signatures'.`, `${path}signatures`);
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

/** Standard or URL-safe base64, with or without padding, of UTF-8 text. */
function decode(payload: unknown, path: string): string {
  const text = typeof payload === 'string' ? payload.replace(/\s+/g, '') : '';
  if (text === '' || !BASE64.test(text)) {
    throw malformed(`The payload of the DSSE envelope ('${path}') is no base64.`, path);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  } catch (cause) {
    throw malformed(
      `The payload of the DSSE envelope ('${path}') decodes to no UTF-8 text.`,
      path,
      cause,
    );
  }
}
