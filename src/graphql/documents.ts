import { StemmaError } from '../errors.ts';
import { sha256 } from '../model/event.ts';
import type { AcceptOptions, Intake, Receipt } from '../model/receipt.ts';
import type { SubmitDocumentInput } from './__generated__/resolvers.ts';
import type { SubmitDocument } from './context.ts';
import { toEnvelope, toSubmission } from './envelopes.ts';

/** Longest event, as JSON, that carries its document within itself: an entry of the bus holds 1 MiB. */
const MAX_INLINE_BYTES = 900_000;

type Ways = { readonly intake: Intake; readonly submitDocument: SubmitDocument | null };

/**
 * Makes a `document.submitted` event of a document and sends it.
 *
 * @throws StemmaError BAD_USER_INPUT, PAYLOAD_TOO_LARGE
 */
export async function sendDocument(
  ways: Ways,
  input: SubmitDocumentInput,
  options: AcceptOptions,
): Promise<Receipt> {
  return sendBytes(ways, bytesOf(input), input, options);
}

/** The same of bytes, with what is said of them. */
export async function sendBytes(
  { intake, submitDocument }: Ways,
  bytes: Uint8Array,
  input: Partial<Omit<SubmitDocumentInput, 'content' | 'contentBase64'>>,
  options: AcceptOptions,
): Promise<Receipt> {
  const digest = `sha256:${sha256(bytes)}`;
  const about = {
    digest,
    name: input.name,
    mediaType: input.mediaType,
    about: input.about,
    size: bytes.length,
  };
  const bare = toEnvelope('document.submitted', input, [digest], about);
  const text = textOf(bytes);
  if (text !== null && bytes.length <= MAX_INLINE_BYTES) {
    const submission = toSubmission({ ...bare, data: { ...bare.data, content: text } });
    if (Buffer.byteLength(submission.raw) <= MAX_INLINE_BYTES) {
      const [receipt] = await intake.accept([submission], options);
      if (receipt !== undefined) return receipt;
    }
  }
  if (submitDocument !== null) return submitDocument({ bytes, envelope: bare }, options);
  if (text === null) {
    throw new StemmaError('BAD_USER_INPUT', 'The document is not UTF-8 text: unpack it first.', {
      details: { path: 'input.contentBase64' },
    });
  }
  throw new StemmaError(
    'PAYLOAD_TOO_LARGE',
    `The document has ${bytes.length} bytes; at most ${MAX_INLINE_BYTES}, written as JSON, are taken here. Use stemma ingest.`,
    { details: { limit: MAX_INLINE_BYTES } },
  );
}

function bytesOf({ content, contentBase64 }: SubmitDocumentInput): Uint8Array {
  if (typeof content === 'string' && typeof contentBase64 !== 'string') return Buffer.from(content);
  if (typeof contentBase64 === 'string' && typeof content !== 'string') {
    if (/^[A-Za-z0-9+/_\s-]*={0,2}\s*$/.test(contentBase64))
      return Buffer.from(contentBase64, 'base64');
    throw new StemmaError('BAD_USER_INPUT', "'contentBase64' is not base64.", {
      details: { path: 'input.contentBase64' },
    });
  }
  throw new StemmaError('BAD_USER_INPUT', "Give either 'content' or 'contentBase64'.", {
    details: { path: 'input' },
  });
}

/** The text of UTF-8 bytes; null where they are none. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
