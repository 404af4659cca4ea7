import { messageOf, REFUSED_MESSAGE, StemmaError, type ErrorCode } from '../errors.ts';
import {
  contentHash,
  isJsonContent,
  parseEvent,
  type CustomTypeCheck,
  type Envelope,
  type StemmaEvent,
} from '../model/event.ts';
import { isEventType } from '../model/events/catalogue.ts';
import type { AcceptedEvent, ReceiptError } from '../model/receipt.ts';
import { jsonProblem } from '../model/json-problem.ts';
import { parseStrictJson } from './json.ts';

/** Largest event on the bus, in bytes of UTF-8; larger documents travel in parts. */
export const MAX_EVENT_BYTES = 1024 * 1024;

/** Maps the event of another system to envelopes; null where the value is none that is known. */
export type ForeignMapper = (value: unknown) => readonly Envelope[] | null;

/**
 * Refuses, by throwing, an event that is valid by its schema and could yet never be applied: better told to its sender now than
 * found among the dead letters later. Returns what of it has no effect, a sentence each.
 */
export type Inspect = (event: StemmaEvent) => readonly string[];

/** The error of a receipt, with the machine-readable cause where there is one (`PURL_INVALID`, `JSON_DUPLICATE_KEY`…). */
export type ReasonedError = ReceiptError & { readonly reason?: string };

/**
 * One submission → the valid events that it stands for. A foreign event may stand for several; then either all of them are
 * valid or the submission is refused as a whole.
 *
 * @throws StemmaError with `details.path` relative to the event
 */
export function admit(
  raw: string,
  value: unknown,
  mapForeign: ForeignMapper,
  customType: CustomTypeCheck,
  inspect: Inspect,
): AcceptedEvent[] {
  const toAccepted = (event: StemmaEvent, text: string): AcceptedEvent => {
    const warnings = inspect(event);
    return { event, raw: text, contentHash: contentHash(event.envelope), warnings };
  };
  checkSize(raw);
  const envelopes = isOurs(value) ? null : mapForeign(value);
  if (envelopes === null) {
    checkEncodedData(value);
    return [toAccepted(parseEvent(value, customType), raw)];
  }
  if (envelopes.length === 0) {
    throw new StemmaError(
      'EVENT_TYPE_UNKNOWN',
      'The event was recognised, but says nothing that Stemma records.',
      { details: { path: 'type' } },
    );
  }
  return envelopes.map((envelope) => {
    const text = JSON.stringify(envelope);
    checkSize(text);
    return toAccepted(parseEvent(envelope, customType), text);
  });
}

/** A type of the catalogue in a CloudEvent is never foreign: the common case needs no look at other formats. */
function isOurs(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'specversion' in value &&
    'type' in value &&
    typeof value.type === 'string' &&
    isEventType(value.type)
  );
}

function checkSize(raw: string): void {
  // UTF-8 needs at most three bytes for each UTF-16 unit
  if (raw.length * 3 <= MAX_EVENT_BYTES || Buffer.byteLength(raw) <= MAX_EVENT_BYTES) return;
  throw new StemmaError(
    'PAYLOAD_TOO_LARGE',
    `The event is larger than ${MAX_EVENT_BYTES} bytes: send large documents in parts (document.part).`,
    { details: { limit: MAX_EVENT_BYTES, path: '' } },
  );
}

/** JSON inside `data_base64` is held to the same rules as JSON outside. */
function checkEncodedData(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('data_base64' in value)) return;
  const { data_base64: base64 } = value;
  const type = 'datacontenttype' in value ? value.datacontenttype : undefined;
  if (typeof base64 !== 'string' || typeof type !== 'string' || !isJsonContent(type)) return;
  const text = Buffer.from(base64, 'base64').toString('utf8');
  if (text.includes('\ufffd')) throw jsonProblem('JSON_SYNTAX', 'data_base64', null);
  parseStrictJson(text);
}

const INTERNAL =
  'The event could not be processed because of a fault in the service; it has been logged.';
const MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  DEPENDENCY_UNAVAILABLE: 'A service that Stemma depends on does not answer: try again shortly.',
  DEPENDENCY_REFUSED: REFUSED_MESSAGE,
};

/**
 * An error as part of a receipt. Messages of unknown errors stay inside, and so do those of an unavailable dependency, as they
 * may name hosts.
 */
export function toReceiptError(
  error: unknown,
  prefix: string,
  log: (cause: string) => void,
): ReasonedError {
  if (!(error instanceof StemmaError)) {
    log(messageOf(error));
    return { code: 'INTERNAL_SERVER_ERROR', message: INTERNAL, path: prefix, retryable: false };
  }
  const { code, details, retryable } = error;
  const own = typeof details['path'] === 'string' ? details['path'] : '';
  const { reason } = details;
  return {
    code,
    message: MESSAGES[code] ?? error.message,
    path: own === '' ? prefix : `${prefix}.${own}`,
    retryable,
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}
