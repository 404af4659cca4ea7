import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { StemmaError } from '../errors.ts';
import { CATALOGUE, isEventType, type EventData, type EventType } from './events/catalogue.ts';
import { schemaOf, upcast, versionsOf } from './events/upcast.ts';
import { identifierProblem } from './text.ts';

/**
 * The envelope: CloudEvents 1.0 in its JSON form, with our extension attributes (design section 2). Identifiers are bounded so
 * that the identity can be indexed; further extension attributes are kept in the log and otherwise ignored.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
const attribute = (what: string) =>
  z
    .string({ error: `${what} must be a string` })
    .superRefine((text, context) => {
      const problem = identifierProblem(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
      else if (text.length > 1024)
        context.addIssue({ code: 'custom', message: 'has more than 1024 characters' });
    })
    .meta({ minLength: 1, maxLength: 1024 });

/** The schema of the envelope; `data` has a schema of its own for every type and version. */
export const envelopeSchema = z.looseObject({
  specversion: z.literal('1.0', { error: 'must be "1.0"' }),
  id: attribute('id'),
  source: attribute('source').refine(
    (text) => !/\s/.test(text),
    'is a URI reference and has no white space',
  ),
  type: attribute('type'),
  subject: attribute('subject').optional(),
  time: z.iso
    .datetime({ offset: true, error: 'is not an RFC 3339 time such as 2026-11-21T10:00:00Z' })
    .optional(),
  datacontenttype: z.string().optional(),
  dataschema: z.string().optional(),
  data: z.unknown().optional(),
  /** Binary data. JSON in base64 is decoded into `data`; anything else stays as it is. */
  data_base64: z.base64({ error: 'is not base64' }).optional(),
  correlationid: attribute('correlationid').optional(),
  causationid: attribute('causationid').optional(),
  workflowid: attribute('workflowid').optional(),
  traceparent: z.string().max(256).optional(),
});

export type Envelope = z.output<typeof envelopeSchema>;

type EventOf<T extends EventType> = {
  readonly type: T;
  /** In the newest version of the type. */
  readonly data: EventData<T>;
};

/** What an event says, by type; `custom` for types outside the catalogue. */
export type EventBody =
  { [T in EventType]: EventOf<T> }[EventType] | { readonly type: 'custom'; readonly data: unknown };

/** A valid event: the envelope as sent, and what it says in the newest version. */
export type StemmaEvent = { readonly envelope: Envelope; readonly body: EventBody };

/**
 * Validates an envelope and its data and lifts the data to the newest version.
 *
 * @throws StemmaError EVENT_MALFORMED (with `details.path` and `details.reason`), EVENT_TYPE_UNKNOWN, SCHEMA_VERSION_UNKNOWN
 */
export function parseEvent(
  input: unknown,
  customType: CustomTypeCheck = refuseCustomTypes,
): StemmaEvent {
  const result = envelopeSchema.safeParse(withoutNullAttributes(input));
  if (!result.success) throw malformed(result.error, 'event', []);
  const envelope = decodeData(result.data);
  const { type } = envelope;
  if (!isEventType(type)) {
    customType(envelope);
    return { envelope, body: { type: 'custom', data: envelope.data } };
  }
  const version = versionOf(envelope, type);
  const schema = schemaOf(type, version);
  if (schema === null) {
    throw new StemmaError(
      'SCHEMA_VERSION_UNKNOWN',
      `${type} has no version ${version}; this service reads ${versionsOf(type).join(', ')}.`,
      { details: { path: 'dataschema' } },
    );
  }
  const data = schema.safeParse(envelope.data);
  if (!data.success) throw malformed(data.error, type, ['data']);
  const lifted = version === CATALOGUE[type].version ? data.data : upcast(type, version, data.data);
  return { envelope, body: { type, data: lifted } as EventBody }; // the schema of `type` has validated it
}

/**
 * A null attribute is an absent one in the JSON format; `data` may be null.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#21-attributes
 */
function withoutNullAttributes(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  let copy: Record<string, unknown> | null = null;
  for (const [name, value] of Object.entries(input)) {
    if (value !== null || name === 'data') continue;
    copy ??= { ...input };
    Reflect.deleteProperty(copy, name);
  }
  return copy ?? input;
}

const JSON_MEDIA_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i;

/** True where `data` of this media type is JSON; a missing media type means application/json. */
export function isJsonContent(datacontenttype: string | undefined): boolean {
  return datacontenttype === undefined || JSON_MEDIA_TYPE.test(datacontenttype);
}

function decodeData(envelope: Envelope): Envelope {
  const { data_base64: base64, ...rest } = envelope;
  if (base64 === undefined) return envelope;
  if (envelope.data !== undefined) throw badData(`has both 'data' and 'data_base64'`);
  if (!isJsonContent(envelope.datacontenttype)) return envelope;
  try {
    return { ...rest, data: JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as unknown };
  } catch {
    if (envelope.datacontenttype === undefined) return envelope; // nobody said that it is JSON
    throw badData(`'data_base64' is not JSON, though 'datacontenttype' says so`);
  }
}

function badData(why: string): StemmaError {
  return new StemmaError('EVENT_MALFORMED', `event: ${why}.`, { details: { path: 'data_base64' } });
}

/** Checks an event of a type outside the catalogue against its registered schema; throws where it is not allowed. */
export type CustomTypeCheck = (envelope: Envelope) => void;

const refuseCustomTypes: CustomTypeCheck = ({ type }) => {
  throw new StemmaError(
    'EVENT_TYPE_UNKNOWN',
    `'${type}' is not an event type of the catalogue, and nobody registered it: see /schemas, or send type.registered first.`,
    { details: { path: 'type' } },
  );
};

/** `dataschema` ends in the version: `urn:stemma:schema:build.completed:1` or `…/schemas/build.completed/1.json`. */
function versionOf(envelope: Envelope, type: EventType): number {
  const { dataschema } = envelope;
  if (dataschema === undefined) return CATALOGUE[type].version;
  const found = /[:/](\d{1,4})(?:\.json)?$/.exec(dataschema);
  return found === null ? CATALOGUE[type].version : Number(found[1]);
}

function malformed(error: z.ZodError, what: string, prefix: readonly string[]): StemmaError {
  const issue = error.issues[0];
  const path = [...prefix, ...(issue?.path ?? [])].map(String).join('.');
  const params = issue?.code === 'custom' ? issue.params : undefined;
  const reason = typeof params?.['reason'] === 'string' ? params['reason'] : undefined;
  return new StemmaError(
    'EVENT_MALFORMED',
    `${what}: ${path === '' ? '' : `'${path}' `}${issue?.message.replace(/\.$/, '') ?? 'is invalid'}.`,
    { details: { path, ...(reason === undefined ? {} : { reason }) } },
  );
}

/** The identity of an event: `(source, id)` as one string. A source has no white space, so this is unambiguous. */
export function identityOf(event: { source: string; id: string }): string {
  return `${event.source} ${event.id}`;
}

/**
 * sha256 (hex) over the canonical JSON of `type, subject, time, data` (`data_base64` where the data is not JSON): two events with equal
 * content hash say the same. The time counts as the instant that it is: gateways and SDKs write it anew on the way.
 *
 * @see RFC 8785, design section 2
 */
export function contentHash(envelope: Envelope): string {
  const { type, subject, time, data, data_base64 } = envelope;
  const instant = time === undefined ? undefined : instantOf(time);
  return sha256(canonicalize({ type, subject, time: instant, data, data_base64 }) ?? '');
}

/** One spelling for each instant: in UTC, with all digits of the fraction that say something. */
function instantOf(time: string): string {
  const [, seconds = '', fraction = '', offset = 'Z'] =
    /^(.+?)(?:\.(\d+))?(z|[+-]\d\d:\d\d)$/i.exec(time) ?? [];
  const date = new Date(`${seconds}${offset}`);
  if (seconds === '' || Number.isNaN(date.getTime())) return time;
  const digits = fraction.replace(/0+$/, '');
  return `${date.toISOString().slice(0, -5)}${digits === '' ? '' : `.${digits}`}Z`;
}

export function sha256(bytes: string | Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** How far an event's own clock may run ahead of ours before ours counts. */
export const MAX_CLOCK_SKEW_MS = 5 * 60 * 1000;

/**
 * When the event counts as having happened, in ms: its own time, but at most five minutes after it was accepted, so that a clock
 * of 2099 cannot freeze a facet. A pure function of the entry, so that every reader and every replay gets the same.
 */
export function effectiveTime(envelope: { time?: string | undefined }, acceptedAt: number): number {
  const { time } = envelope;
  return time === undefined
    ? acceptedAt
    : Math.min(Date.parse(time), acceptedAt + MAX_CLOCK_SKEW_MS);
}
