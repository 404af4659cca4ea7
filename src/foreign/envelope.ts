import canonicalize from 'canonicalize';
import type { z } from 'zod';
import { StemmaError } from '../errors.ts';
import { sha256, type Envelope } from '../model/event.ts';
import type { CATALOGUE, EventType } from '../model/events/catalogue.ts';
import { time } from '../model/events/fields.ts';

/** A vocabulary of events that others define: all that the rest knows of it. */
export type Vocabulary = {
  readonly name: string;
  readonly is: (value: Readonly<Record<string, unknown>>) => boolean;
  /** @throws StemmaError EVENT_MALFORMED, EVENT_TYPE_UNKNOWN where it is one of these and cannot be read */
  readonly map: (value: Readonly<Record<string, unknown>>) => Envelope[];
};

/** What a foreign event says in our words: a type of the catalogue and its data in the newest version. */
export type Statement = {
  [T in EventType]: { readonly type: T; readonly data: z.input<(typeof CATALOGUE)[T]['data']> };
}[EventType];

/** The attributes of an envelope that do not depend on what it says. */
export type EnvelopeAttributes = {
  readonly source: string;
  readonly id: string;
  readonly time?: string | undefined;
  readonly subject?: string | undefined;
  readonly correlationid?: string | undefined;
  readonly causationid?: string | undefined;
  readonly workflowid?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly deliveryid?: string | undefined;
};

/** An envelope of our catalogue. Absent attributes and absent fields of the data are left out. */
export function toEnvelope(attributes: EnvelopeAttributes, statement: Statement): Envelope {
  return withData(attributes, statement.type, defined(statement.data));
}

/**
 * An envelope that keeps a foreign event under its own type: it is logged and has no effect on the graph. The event travels
 * whole and unchanged.
 */
export function toForeignEnvelope(
  attributes: EnvelopeAttributes,
  type: string,
  event: unknown,
): Envelope {
  return withData(attributes, type, event);
}

function withData(attributes: EnvelopeAttributes, type: string, data: unknown): Envelope {
  const { source, id, ...rest } = attributes;
  return {
    specversion: '1.0',
    id,
    source,
    type,
    ...defined(rest),
    datacontenttype: 'application/json',
    data,
  };
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T; // only drops undefined
}

/**
 * Reads foreign input against the shape that a mapping needs.
 *
 * @throws StemmaError EVENT_MALFORMED naming the path
 */
export function parseShape<T extends z.ZodType>(
  schema: T,
  value: unknown,
  what: string,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map(String).join('.');
  throw malformed(what, path, issue?.message ?? 'is invalid');
}

export function malformed(what: string, path: string, problem: string): StemmaError {
  return new StemmaError(
    'EVENT_MALFORMED',
    `${what}: ${path === '' ? '' : `'${path}' `}${problem}.`,
    {
      details: { path },
    },
  );
}

/** A time as RFC 3339, or undefined where the text is none: nobody invents a time zone. */
export function timeOf(value: unknown): string | undefined {
  const result = time.safeParse(value);
  return result.success ? result.data : undefined;
}

export function timeOfSeconds(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : timeOf(date.toISOString());
}

/** The first `length` hex characters of sha256 over the canonical JSON: an identity made of the content. */
export function contentId(value: unknown, length = 64): string {
  return sha256(canonicalize(value) ?? '').slice(0, length);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
