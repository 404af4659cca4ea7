import { gunzipSync, gzipSync } from 'node:zlib';
import { StemmaError } from '../errors.ts';
import type { Envelope } from '../model/event.ts';
import { sha256 } from '../model/event.ts';

/** Bytes of one part, compressed, before base64 (design section 2). */
export const PART_BYTES = 512 * 1024;
/** The largest document, uncompressed, unless configured otherwise; never more than 100 MiB. */
export const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
const HARD_LIMIT_BYTES = 100 * 1024 * 1024;

/** One stored part: what `document.part` carries. */
export type Part = { readonly index: number; readonly count: number; readonly data: string };

/**
 * A document that no single entry of the bus can hold, as `document.part` events. Their identities derive from the document, so
 * that sending it again makes duplicates.
 *
 * @throws StemmaError PAYLOAD_TOO_LARGE naming the limit
 */
export function toParts(bytes: Uint8Array, source: string, limit = MAX_DOCUMENT_BYTES): Envelope[] {
  if (bytes.length > Math.min(limit, HARD_LIMIT_BYTES)) {
    throw new StemmaError(
      'PAYLOAD_TOO_LARGE',
      `The document has ${bytes.length} bytes; at most ${Math.min(limit, HARD_LIMIT_BYTES)} are taken.`,
      { details: { limit: Math.min(limit, HARD_LIMIT_BYTES) } },
    );
  }
  const digest = `sha256:${sha256(bytes)}`;
  const packed = gzipSync(bytes);
  const count = Math.max(1, Math.ceil(packed.length / PART_BYTES));
  return Array.from({ length: count }, (_, index) => ({
    specversion: '1.0' as const,
    id: `${digest}/part/${index}`,
    source,
    type: 'document.part',
    subject: digest,
    data: {
      digest,
      index,
      count,
      encoding: 'gzip',
      data: packed.subarray(index * PART_BYTES, (index + 1) * PART_BYTES).toString('base64'),
    },
  }));
}

/**
 * The text of a document of which every part is there.
 *
 * @param digest sha256 in hex
 * @throws StemmaError DOCUMENT_MALFORMED where the parts do not make that document
 */
export function joinParts(parts: readonly Part[], digest: string): string {
  const ordered = [...parts].sort((x, y) => x.index - y.index);
  let bytes: Buffer;
  try {
    bytes = gunzipSync(Buffer.concat(ordered.map(({ data }) => Buffer.from(data, 'base64'))), {
      maxOutputLength: HARD_LIMIT_BYTES,
    });
  } catch (cause) {
    throw new StemmaError(
      'DOCUMENT_MALFORMED',
      `The parts of the document sha256:${digest} are no gzip stream.`,
      { cause },
    );
  }
  if (sha256(bytes) !== digest) {
    throw new StemmaError(
      'DOCUMENT_MALFORMED',
      `The parts of the document sha256:${digest} make another document.`,
    );
  }
  return bytes.toString('utf8');
}
