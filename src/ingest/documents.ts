import { timeOf } from '../foreign/envelope.ts';
import { toParts } from '../documents/parts.ts';
import { checkDocument, toldOf } from '../documents/validate.ts';
import { StemmaError } from '../errors.ts';
import { sha256, type Envelope } from '../model/event.ts';
import { eventPiece, type Piece } from './piece.ts';

/** Longest event, as JSON, that carries its document within itself: an entry of the bus holds 1 MiB. */
const MAX_INLINE_BYTES = 900_000;

export type DocumentOptions = {
  /** Name of the file; null where there is none. */
  readonly name: string | null;
  readonly line: number | null;
  readonly source: string;
  readonly maxDocumentBytes: number;
};

/**
 * The events that carry one document: `document.submitted` whose id is the digest of its bytes, so that sending it again is a
 * duplicate; before it the parts of one that no single event can hold.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED, PAYLOAD_TOO_LARGE
 */
export async function documentPieces(text: string, options: DocumentOptions): Promise<Piece[]> {
  const bytes = Buffer.from(text);
  const { maxDocumentBytes: limit, line, source } = options;
  if (bytes.length > limit) throw tooLarge(bytes.length, limit);
  const digest = sha256(bytes);
  const checked = await checkDocument(text, digest);
  const { format, changes } = checked;
  const told = { warnings: toldOf(checked) };
  const submitted: Envelope = {
    specversion: '1.0',
    id: `sha256:${digest}`,
    source,
    type: 'document.submitted',
    subject: `sha256:${digest}`,
    ...stated('time', documentTime(changes.validFrom)),
    datacontenttype: 'application/json',
  };
  const about = {
    digest: `sha256:${digest}`,
    ...stated('name', options.name?.slice(0, 1024).toWellFormed()),
    ...stated('mediaType', /^\s*\{/.test(text) ? mediaTypeOf(format) : undefined),
    size: bytes.length,
  };
  const whole = eventPiece(format, { ...submitted, data: { ...about, content: text } }, line, told);
  if (Buffer.byteLength(whole.raw) <= MAX_INLINE_BYTES) return [whole];
  const { events, listed } = toParts(bytes, source, limit);
  return [
    ...events.map((part) => eventPiece(format, part, line)),
    eventPiece(format, { ...submitted, data: { ...about, ...listed } }, line, told),
  ];
}

export function tooLarge(size: number | null, limit: number): StemmaError {
  const has = size === null ? `has more than ${limit}` : `has ${size}`;
  return new StemmaError(
    'PAYLOAD_TOO_LARGE',
    `The document ${has} bytes; at most ${limit} are taken (STEMMA_MAX_DOCUMENT_BYTES, up to 100 MiB).`,
    { details: { limit } },
  );
}

const MEDIA_TYPES: readonly (readonly [start: string, mediaType: string])[] = [
  ['cyclonedx', 'application/vnd.cyclonedx+json'],
  ['spdx', 'application/spdx+json'],
  ['sigstore-bundle', 'application/vnd.dev.sigstore.bundle+json'],
  ['dsse', 'application/vnd.dsse.envelope.v1+json'],
  ['in-toto', 'application/vnd.in-toto+json'],
  ['oci-image-index', 'application/vnd.oci.image.index.v1+json'],
];

function mediaTypeOf(format: string): string | undefined {
  return MEDIA_TYPES.find(([start]) => format.startsWith(start))?.[1];
}

/** When the document says it was made; a year that RFC 3339 cannot write counts as not said. */
function documentTime(ms: number | null): string | undefined {
  return ms === null ? undefined : timeOf(new Date(ms).toISOString());
}

function stated<K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, string>); // one field, of that name
}
