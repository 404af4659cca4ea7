import { z } from 'zod';
import { time } from '../../model/events/fields.ts';
import { isObject, malformed, parseShape } from '../envelope.ts';

/**
 * The part of a CDEvent that all versions share. 0.4 has `context.version` and `subject.type`, 0.5 `context.specversion`;
 * neither decides anything here, because the version that counts is the one inside `context.type`.
 *
 * @see https://github.com/cdevents/spec/blob/v0.5.1/spec.md
 */
const required = z.string({ error: 'is missing: a string is required' }).min(1, 'is empty');
const optional = z.string().min(1).nullish().catch(null);

const cdEvent = z.looseObject(
  {
    context: z.looseObject(
      {
        id: required,
        source: required,
        type: required,
        timestamp: time,
        chainId: optional,
        links: z.array(z.unknown()).nullish().catch(null),
      },
      { error: 'is missing: an object is required' },
    ),
    subject: z.looseObject(
      {
        id: required,
        source: optional,
        content: z.record(z.string(), z.unknown()).nullish(),
      },
      { error: 'is missing: an object is required' },
    ),
  },
  { error: 'is not an object' },
);

export type CdEvent = {
  readonly context: z.output<typeof cdEvent>['context'];
  readonly subject: { readonly id: string; readonly source: string };
  readonly content: Readonly<Record<string, unknown>>;
  /** `build.finished`, without prefix and version. */
  readonly name: string;
  /** Major version of the event type. */
  readonly major: number;
  /** True for `dev.cdeventsx.`: a type that a tool made up for itself. */
  readonly custom: boolean;
  /** The event as it came. */
  readonly whole: unknown;
};

/** A reference to something outside the event: `{id, source}`. */
export type Reference = { readonly id: string; readonly source: string | null };

const TYPE = /^dev\.cdevents(x?)\.([\w-]+\.[\w-]+)\.(\d+)\.\d+\.\d+(?:-[\w.-]+)?$/;

/** Whether the value is meant to be a CDEvent, complete or not. */
export function isCdEvent(value: unknown): boolean {
  if (!isObject(value) || !isObject(value['context'])) return false;
  const { type } = value['context'];
  return typeof type === 'string' ? /^dev\.cdeventsx?\./.test(type) : isObject(value['subject']);
}

/** @throws StemmaError EVENT_MALFORMED with the path of what is missing or wrong */
export function parseCdEvent(value: unknown): CdEvent {
  const { context, subject } = parseShape(cdEvent, value, 'CDEvent');
  const type = TYPE.exec(context.type);
  if (type === null) {
    throw malformed(
      'CDEvent',
      'context.type',
      'is not a type such as dev.cdevents.build.finished.0.3.0',
    );
  }
  return {
    context,
    subject: { id: subject.id, source: subject.source ?? context.source },
    content: subject.content ?? {},
    name: type[2] ?? '',
    major: Number(type[3]),
    custom: type[1] === 'x',
    whole: value,
  };
}

/** A text field of the content; absent where it is empty or no text. */
export function textField(event: CdEvent, name: string): string | undefined {
  const value = event.content[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function referenceField(event: CdEvent, name: string): Reference | null {
  const value = event.content[name];
  if (!isObject(value) || typeof value['id'] !== 'string' || value['id'] === '') return null;
  const { id, source } = value;
  return { id, source: typeof source === 'string' && source !== '' ? source : null };
}
