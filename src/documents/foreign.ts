import type { Envelope } from '../model/event.ts';
import { isAgentEvent, mapAgentEvent } from './agent.ts';
import { isCdEvent } from './cdevents/event.ts';
import { mapCdEvent } from './cdevents/mapping.ts';
import { isEiffelEvent, mapEiffelEvent } from './eiffel.ts';
import { isObject } from './envelope.ts';

/** Types that nobody registers: foreign events that are logged under their own name and have no effect on the graph. */
export const FOREIGN_TYPE_PREFIXES = [
  'dev.cdevents.',
  'dev.cdeventsx.',
  'com.github.',
  'com.gitlab.',
  'Eiffel',
] as const;

/**
 * What came in, as envelopes, where it is an event of somebody else's vocabulary: a CDEvent (bare or inside a CloudEvent), an
 * agent's event in upper case, an Eiffel event, or an array of only such. Null for everything else, above all for an envelope of
 * ours.
 *
 * @throws StemmaError EVENT_MALFORMED, EVENT_TYPE_UNKNOWN where it is one of these and cannot be read
 */
export function mapForeign(value: unknown): Envelope[] | null {
  if (Array.isArray(value)) {
    if (!isForeign(value)) return null;
    return value.flatMap((element) => mapForeign(element) ?? []);
  }
  if (isWrappedCdEvent(value))
    return mapCdEvent(value['data']).map((event) => ({ ...event, ...traceOf(value) }));
  if (isCdEvent(value)) return mapCdEvent(value);
  if (isEiffelEvent(value)) return mapEiffelEvent(value);
  if (isAgentEvent(value)) return mapAgentEvent(value);
  return null;
}

function isForeign(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isForeign);
  return isWrappedCdEvent(value) || isCdEvent(value) || isEiffelEvent(value) || isAgentEvent(value);
}

/** @see https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md */
function isWrappedCdEvent(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || value['specversion'] !== '1.0') return false;
  const { type, data } = value;
  return typeof type === 'string' && /^dev\.cdeventsx?\./.test(type) && isCdEvent(data);
}

function traceOf(value: Record<string, unknown>): { traceparent?: string } {
  const { traceparent } = value;
  return typeof traceparent === 'string' ? { traceparent } : {};
}
