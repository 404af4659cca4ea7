import { z } from 'zod';
import type { Envelope } from '../model/event.ts';
import {
  isObject,
  parseShape,
  timeOfSeconds,
  toForeignEnvelope,
  type Vocabulary,
} from './envelope.ts';

const text = z.string().min(1).nullish().catch(null);

const eiffelEvent = z.looseObject({
  meta: z.looseObject({
    id: z.string({ error: 'is missing: a string is required' }).min(1, 'is empty'),
    type: z.string(),
    time: z.number().nullish().catch(null),
    source: z.looseObject({ domainId: text, uri: text }).nullish().catch(null),
  }),
});

export const eiffel: Vocabulary = { name: 'eiffel', is: isEiffelEvent, map: mapEiffelEvent };

function isEiffelEvent({ meta }: Readonly<Record<string, unknown>>): boolean {
  if (!isObject(meta)) return false;
  const { type } = meta;
  return typeof type === 'string' && /^Eiffel\w+Event$/.test(type);
}

/**
 * An Eiffel event under its own type: logged, without effect on the graph. `meta.id` is unique everywhere, so the source may be
 * vague.
 *
 * @throws StemmaError EVENT_MALFORMED with the path of what is missing
 * @see https://github.com/eiffel-community/eiffel
 */
function mapEiffelEvent(value: unknown): Envelope[] {
  const { meta } = parseShape(eiffelEvent, value, 'Eiffel event');
  const domain = meta.source?.domainId;
  const uri = meta.source?.uri;
  const source = uri && !/\s/.test(uri) ? uri : `urn:eiffel:${encodeURIComponent(domain ?? '-')}`;
  const time = meta.time == null ? undefined : timeOfSeconds(meta.time / 1000);
  return [toForeignEnvelope({ source, id: meta.id, time }, meta.type, value)];
}
