import type { DeadLetter, DeadLetterMark } from '../../model/dead-letters.ts';
import type { Entry } from '../log/entry.ts';

type Facts = Pick<DeadLetter, 'code' | 'message' | 'attempts' | 'firstAt' | 'lastAt' | 'group'>;

/** Fields of a new dead letter; the event is the last value (settle.lua). */
export function deadLetterFields(entry: Entry, facts: Facts): (string | number)[] {
  const fields: Record<string, string | number> = {
    stream: entry.stream,
    entryId: entry.id,
    n: entry.n,
    acceptedAt: entry.acceptedAt,
    code: facts.code,
    message: facts.message,
    attempts: facts.attempts,
    firstAt: facts.firstAt,
    lastAt: facts.lastAt,
    group: facts.group,
    ...(entry.contentHash === null ? {} : { h: entry.contentHash }),
    e: entry.text,
  };
  return Object.entries(fields).flat();
}

export function parseDeadLetter(
  [id, fields]: readonly [string, readonly string[]],
  mark: DeadLetterMark | null,
): DeadLetter {
  const map = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) map.set(fields[at] ?? '', fields[at + 1] ?? '');
  const number = (name: string): number => Number(map.get(name) ?? Number.NaN);
  const text = map.get('e') ?? '';
  return {
    id,
    stream: map.get('stream') ?? '',
    entryId: map.get('entryId') ?? '',
    n: number('n'),
    acceptedAt: number('acceptedAt'),
    code: map.get('code') ?? '',
    message: map.get('message') ?? '',
    attempts: number('attempts'),
    firstAt: number('firstAt'),
    lastAt: number('lastAt'),
    text,
    contentHash: map.get('h') ?? null,
    group: map.get('group') ?? '',
    ...attributesOf(text),
    mark,
  };
}

function attributesOf(text: string): Pick<DeadLetter, 'type' | 'source' | 'eventId'> {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // it may be a dead letter for that very reason
  }
  const attribute = (name: string): string | null => {
    if (typeof value !== 'object' || value === null) return null;
    const found = (value as Record<string, unknown>)[name]; // an object, see above
    return typeof found === 'string' ? found : null;
  };
  return { type: attribute('type'), source: attribute('source'), eventId: attribute('id') };
}
