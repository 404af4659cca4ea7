import { gunzipSync, gzipSync } from 'node:zlib';
import { StemmaError } from '../errors.ts';
import type { Envelope } from '../model/event.ts';
import { sha256 } from '../model/event.ts';

/** Bytes of the document that one part holds (design section 2). */
export const PART_BYTES = 512 * 1024;
/** The largest document, uncompressed, unless configured otherwise; never more than 100 MiB. */
export const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
const HARD_LIMIT_BYTES = 100 * 1024 * 1024;

/** One stored part: what `document.part` carries. */
export type Part = {
  readonly index: number;
  readonly count: number;
  readonly data: string;
  /** `sha256:…` of the bytes that it unpacks to; parts from before it was there have none. */
  readonly partDigest?: string | undefined;
};

/** The events that carry a document, and what the event that submits it says of them. */
export type DocumentParts = {
  readonly events: readonly Envelope[];
  readonly listed: { readonly parts: number; readonly partDigests: readonly string[] };
};

/**
 * A document that no single entry of the bus can hold, as `document.part` events. Each is a gzip stream of its own, and so are all of
 * them together. Their identities derive from what they hold, so that sending it again makes duplicates; the list of their digests
 * does not depend on how well somebody's zlib packs.
 *
 * @throws StemmaError PAYLOAD_TOO_LARGE naming the limit
 */
export function toParts(
  bytes: Uint8Array,
  source: string,
  limit = MAX_DOCUMENT_BYTES,
): DocumentParts {
  if (bytes.length > Math.min(limit, HARD_LIMIT_BYTES)) {
    throw new StemmaError(
      'PAYLOAD_TOO_LARGE',
      `The document has ${bytes.length} bytes; at most ${Math.min(limit, HARD_LIMIT_BYTES)} are taken.`,
      { details: { limit: Math.min(limit, HARD_LIMIT_BYTES) } },
    );
  }
  const digest = `sha256:${sha256(bytes)}`;
  const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  const partDigests: string[] = [];
  const events = Array.from({ length: count }, (_, index) => {
    const slice = bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    const packed = gzipSync(slice);
    const partDigest = `sha256:${sha256(slice)}`;
    partDigests.push(partDigest);
    return {
      specversion: '1.0' as const,
      id: `${digest}/part/${index}/${sha256(packed)}`,
      source,
      type: 'document.part',
      subject: digest,
      data: {
        ...{ digest, index, count, encoding: 'gzip', partDigest },
        data: packed.toString('base64'),
      },
    };
  });
  return { events, listed: { parts: count, partDigests } };
}

/**
 * Checks that a part holds what its own digest promises, and what the id says that this program gives to parts.
 *
 * @param id of the event
 * @throws StemmaError DOCUMENT_MALFORMED
 */
export function checkPart({ index, data, partDigest }: Part, id: string): void {
  const packed = Buffer.from(data, 'base64');
  const promised = /^sha256:[0-9a-f]{64}\/part\/\d+\/([0-9a-f]{64})$/.exec(id)?.[1];
  if (promised !== undefined && sha256(packed) !== promised) {
    throw wrongPart(index, `its data do not have the digest that its id ends in`, 'data.data');
  }
  if (partDigest === undefined) return;
  let bytes: Buffer;
  try {
    bytes = gunzipSync(packed, { maxOutputLength: PART_BYTES });
  } catch (cause) {
    const why = `its data are not a gzip stream of at most ${PART_BYTES} bytes by itself`;
    throw wrongPart(index, why, 'data.data', cause);
  }
  const found = `sha256:${sha256(bytes)}`;
  if (found === partDigest) return;
  throw wrongPart(
    index,
    `its data have the digest ${found} and not ${partDigest}`,
    'data.partDigest',
  );
}

function wrongPart(index: number, why: string, path: string, cause?: unknown): StemmaError {
  return new StemmaError(
    'DOCUMENT_MALFORMED',
    `Part ${index} of the document is not taken: ${why}. Send it as it was cut.`,
    { details: { path }, cause },
  );
}

/**
 * The text of a document of which every part is there.
 *
 * @param parts in order
 * @param digest sha256 in hex
 * @throws StemmaError DOCUMENT_MALFORMED where the parts do not make that document
 */
export function joinParts(parts: readonly Part[], digest: string): string {
  let bytes: Buffer;
  try {
    bytes = gunzipSync(Buffer.concat(parts.map(({ data }) => Buffer.from(data, 'base64'))), {
      maxOutputLength: HARD_LIMIT_BYTES,
    });
  } catch (cause) {
    throw new StemmaError(
      'DOCUMENT_MALFORMED',
      `The parts of the document sha256:${digest} are not a gzip stream.`,
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
