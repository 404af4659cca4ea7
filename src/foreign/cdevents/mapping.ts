import type { Envelope } from '../../model/event.ts';
import {
  contentId,
  isObject,
  toEnvelope,
  toForeignEnvelope,
  type EnvelopeAttributes,
  type Statement,
  type Vocabulary,
} from '../envelope.ts';
import { ARTIFACT_MAPPINGS } from './artifact.ts';
import { isCdEvent, parseCdEvent, referenceField, type CdEvent } from './event.ts';
import { RUN_MAPPINGS } from './run.ts';
import { SERVICE_MAPPINGS } from './service.ts';
import { SOURCE_MAPPINGS } from './source.ts';
import { TESTING_MAPPINGS } from './testing.ts';

/** A CDEvent, bare or as the data of a CloudEvent. */
export const cdevents: Vocabulary = {
  name: 'cdevents',
  is: (value) => isCdEvent(value) || isWrapped(value),
  map: (value) =>
    isWrapped(value)
      ? mapCdEvent(value['data']).map((event) => ({ ...event, ...traceOf(value) }))
      : mapCdEvent(value),
};

/** @see https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md */
function isWrapped({ specversion, type, data }: Readonly<Record<string, unknown>>): boolean {
  if (specversion !== '1.0' || typeof type !== 'string') return false;
  return /^dev\.cdeventsx?\./.test(type) && isCdEvent(data);
}

function traceOf({ traceparent }: Readonly<Record<string, unknown>>): { traceparent?: string } {
  return typeof traceparent === 'string' ? { traceparent } : {};
}

/** By subject and predicate; null where the event lacks what our type needs. */
const MAPPINGS: Readonly<Record<string, (event: CdEvent) => Statement[] | null>> = {
  ...SOURCE_MAPPINGS,
  ...RUN_MAPPINGS,
  ...ARTIFACT_MAPPINGS,
  ...SERVICE_MAPPINGS,
  ...TESTING_MAPPINGS,
};

/**
 * A CDEvent, or a flow of them, as envelopes. The source is kept; the id is `<context.id>/<context.type>`, because events in the
 * wild share `(source, id)` over different types. An event that is sent again is a duplicate; where one event says several things,
 * the further envelopes end in `/1`, `/2`. An event without counterpart in the catalogue, or without what its counterpart needs,
 * passes under its own type; the hash of its content ends its id, so that nothing that is only logged is ever refused.
 *
 * @throws StemmaError EVENT_MALFORMED with the path of what is missing or wrong
 * @see https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md
 */
export function mapCdEvent(value: unknown): Envelope[] {
  if (Array.isArray(value)) return value.flatMap((element) => mapCdEvent(element));
  const event = parseCdEvent(value);
  const attributes = attributesOf(event);
  const statements = statementsOf(event);
  if (statements === null) {
    const id = `${attributes.id}/${contentId(event.whole, 12)}`;
    return [toForeignEnvelope({ ...attributes, id }, event.context.type, event.whole)];
  }
  return statements.map((statement, at) =>
    toEnvelope(
      { ...attributes, id: at === 0 ? attributes.id : `${attributes.id}/${at}` },
      statement,
    ),
  );
}

/** Only what we know how to read: a new major version may mean something else. */
function statementsOf(event: CdEvent): Statement[] | null {
  if (event.custom || event.major > 0 || !Object.hasOwn(MAPPINGS, event.name)) return null;
  return MAPPINGS[event.name]?.(event) ?? null;
}

function attributesOf(event: CdEvent): EnvelopeAttributes {
  const { context, subject } = event;
  return {
    source: context.source,
    id: `${context.id}/${context.type}`,
    time: context.timestamp,
    subject: subject.id,
    correlationid: context.chainId ?? undefined,
    causationid: causeOf(context.links ?? []),
    workflowid: referenceField(event, 'pipelineRun')?.id,
  };
}

/** The event before this one on its path. */
function causeOf(links: readonly unknown[]): string | undefined {
  for (const link of links) {
    if (!isObject(link) || link['linkType'] !== 'PATH' || !isObject(link['from'])) continue;
    const { contextId } = link['from'];
    if (typeof contextId === 'string' && contextId !== '') return contextId;
  }
  return undefined;
}
