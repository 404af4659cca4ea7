import { StemmaError } from '../errors.ts';
import { toReceiptError } from '../intake/admission.ts';
import { MAX_JSON_DEPTH } from '../model/json-problem.ts';
import { parseStrictJson } from '../intake/json.ts';
import { isJsonContent } from '../model/event.ts';
import type { Submission } from '../model/receipt.ts';
import { toText } from './body.ts';

export type EventRequest = {
  /** Names and values in turn, as node:http gives them. */
  readonly rawHeaders: readonly string[];
  readonly contentType: string | undefined;
  readonly body: Buffer;
  readonly maxEvents: number;
};

const SINGLE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';

/**
 * The events of a request: CloudEvents in structured, binary and batch mode, and plain JSON (an object or a list of them) that
 * may be a CloudEvent or an event of another system.
 *
 * @throws StemmaError where the request as a whole cannot be read; a bad element of a batch becomes a `problem` of its own
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function parseEvents(request: EventRequest): Submission[] {
  const mediaType = (request.contentType ?? '').replace(/;.*$/s, '').trim().toLowerCase();
  if (mediaType === SINGLE) return [single(toText(request.body), true)];
  if (mediaType === BATCH) return batch(toText(request.body), request.maxEvents);
  const attributes = binaryAttributes(request.rawHeaders);
  if (attributes.size > 0) return [binary(attributes, request)];
  if (mediaType !== 'application/json') throw unsupported();
  const text = toText(request.body);
  return /^\s*\[/.test(text) ? batch(text, request.maxEvents) : [single(text, false)];
}

function single(text: string, isCloudEvent: boolean): Submission {
  const { value } = parseStrictJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { raw: text, value };
  const hint = isCloudEvent ? `; a list goes as ${BATCH}` : '';
  throw new StemmaError('BAD_REQUEST', `The body must be one JSON object${hint}.`);
}

function batch(text: string, maxEvents: number): Submission[] {
  // the list itself is one level
  const limits = { perElement: true, maxElements: maxEvents, maxDepth: MAX_JSON_DEPTH + 1 };
  const { value, elements } = parseStrictJson(text, limits);
  if (elements === null || !Array.isArray(value))
    throw new StemmaError('BAD_REQUEST', 'The body must be a JSON array of events.');
  return elements.map(({ start, end, problem }, index) =>
    problem === null
      ? { raw: text.slice(start, end), value: value[index] as unknown }
      : { problem: toReceiptError(problem, `events.${index}`, () => undefined) },
  );
}

/** The `ce-` headers, decoded. */
function binaryAttributes(rawHeaders: readonly string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const header = (rawHeaders[at] ?? '').toLowerCase();
    if (!header.startsWith('ce-')) continue;
    const name = header.slice(3);
    if (!/^[a-z0-9]{1,64}$/.test(name) || name === 'data' || name === 'datacontenttype') {
      throw badHeader(
        header,
        'is not an attribute: names consist of lower-case letters and digits',
      );
    }
    if (attributes.has(name)) throw badHeader(header, 'is given twice');
    attributes.set(name, decodeHeader(rawHeaders[at + 1] ?? '', header));
  }
  return attributes;
}

/** Section 3.1.3.2 of the HTTP binding: an optional quoted string, then percent-encoded UTF-8. */
function decodeHeader(value: string, header: string): string {
  const unquoted = /^"(.*)"$/s.exec(value)?.[1]?.replace(/\\(.)/gs, '$1') ?? value;
  // node:http gives each byte as one character; `%` not followed by two hex digits stands for itself
  const bytes = unquoted.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  try {
    return toText(Buffer.from(bytes, 'latin1'));
  } catch {
    throw badHeader(header, 'is not percent-encoded UTF-8');
  }
}

/** A binary event in structured form; JSON data keeps its text. */
function binary(
  attributes: ReadonlyMap<string, string>,
  { contentType, body }: EventRequest,
): Submission {
  const all = Object.fromEntries(attributes);
  const envelope = contentType === undefined ? all : { ...all, datacontenttype: contentType };
  const raw = spliceData(JSON.stringify(envelope), contentType, body);
  return { raw, value: parseStrictJson(raw, { maxDepth: MAX_JSON_DEPTH + 1 }).value };
}

function spliceData(envelope: string, contentType: string | undefined, body: Buffer): string {
  if (body.length === 0) return envelope;
  const open = envelope.slice(0, -1);
  if (isJsonContent(contentType)) {
    const text = toText(body);
    parseStrictJson(text); // by itself, or a body could close the envelope and go on with attributes of its own
    return `${open},"data":${text}}`;
  }
  if (isText(contentType ?? '')) return `${open},"data":${JSON.stringify(toText(body))}}`;
  return `${open},"data_base64":"${body.toString('base64')}"}`;
}

function isText(contentType: string): boolean {
  if (/charset/i.test(contentType) && !/charset="?(?:utf-8|us-ascii)"?/i.test(contentType))
    return false;
  return /^\s*(?:text\/|[^;]*[/+]xml\s*(?:;|$))/i.test(contentType);
}

function badHeader(header: string, why: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', `The header '${header.slice(0, 80)}' ${why}.`, {
    details: { reason: 'CE_HEADER_INVALID', path: header.slice(0, 80) },
  });
}

function unsupported(): StemmaError {
  return new StemmaError(
    'BAD_REQUEST',
    `This media type is not read: send ${SINGLE}, ${BATCH} or application/json, or an event in binary mode with ce- headers.`,
    { details: { reason: 'MEDIA_TYPE_UNSUPPORTED' } },
  );
}
