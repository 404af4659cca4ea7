import type { Envelope } from '../model/event.ts';
import { agent } from './agent.ts';
import { cdevents } from './cdevents/mapping.ts';
import { eiffel } from './eiffel.ts';
import { isObject, type Vocabulary } from './envelope.ts';

/** Vocabularies of events that may be sent as they are, one line each. */
export const VOCABULARIES: readonly Vocabulary[] = [cdevents, eiffel, agent];

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
  return isObject(value) ? (vocabularyOf(value)?.map(value) ?? null) : null;
}

/** Whose event it is; null where it is none of these. */
export function vocabularyOf(value: Readonly<Record<string, unknown>>): Vocabulary | null {
  return VOCABULARIES.find(({ is }) => is(value)) ?? null;
}

function isForeign(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isForeign);
  return isObject(value) && vocabularyOf(value) !== null;
}
