import { gunzipSync } from 'node:zlib';
import { MAX_DOCUMENT_BYTES } from './parts.ts';

/** Standard or URL-safe base64, with or without padding, line breaks ignored. */
const BASE64 = /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/;

/** The bytes of a base64 text; null where it is something else, or empty. */
export function fromBase64(text: string): Buffer | null {
  const packed = text.replace(/\s+/g, '');
  return BASE64.test(packed) ? Buffer.from(packed, 'base64') : null;
}

/** Whether bytes begin as gzip does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The bytes that gzip packed; bytes that are not packed as they are.
 *
 * @throws RangeError with code ERR_BUFFER_TOO_LARGE where they would be more than `limit`; Error where the stream is broken
 */
export function unpack(bytes: Buffer, limit = MAX_DOCUMENT_BYTES): Buffer {
  return isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: limit }) : bytes;
}

/** The UTF-8 text of bytes that may be packed; null where they are no text, broken, or too long unpacked. */
export function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(unpack(bytes));
  } catch {
    return null;
  }
}
