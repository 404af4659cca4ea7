import type { ChainableCommander, Redis } from 'ioredis';
import type { Entry } from './entry.ts';
import type { BusKeys } from './keys.ts';

/** An event that could not be applied, with everything that is needed to understand and to replay it. */
export type DeadLetter = {
  /** Id in the dead-letter stream. */
  readonly id: string;
  readonly stream: string;
  readonly entryId: string;
  readonly n: number;
  readonly acceptedAt: number;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** ms since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The event as received. */
  readonly text: string;
  readonly contentHash: string | null;
  readonly group: string;
};

/** Adds a dead letter to a transaction that also acknowledges the entry. */
export function addDeadLetter(
  commands: ChainableCommander,
  keys: BusKeys,
  entry: Entry,
  facts: Pick<DeadLetter, 'code' | 'message' | 'attempts' | 'firstAt' | 'lastAt' | 'group'>,
): void {
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
    e: entry.text,
    ...(entry.contentHash === null ? {} : { h: entry.contentHash }),
  };
  commands.xadd(keys.dead, '*', ...Object.entries(fields).flat());
}

export async function countDeadLetters(redis: Redis, keys: BusKeys): Promise<number> {
  return redis.xlen(keys.dead);
}

export function parseDeadLetter([id, fields]: [string, string[]]): DeadLetter {
  const map = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) map.set(fields[at] ?? '', fields[at + 1] ?? '');
  const number = (name: string): number => Number(map.get(name) ?? Number.NaN);
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
    text: map.get('e') ?? '',
    contentHash: map.get('h') ?? null,
    group: map.get('group') ?? '',
  };
}
