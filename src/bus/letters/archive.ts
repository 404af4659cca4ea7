import type { Redis } from '../redis.ts';
import type { DeadLetterArchive } from '../../model/dead-letters.ts';
import { readLetters } from './dead-letters.ts';
import type { BusKeys } from '../keys.ts';
import { loadScript } from '../script.ts';

/** How much of the dead letters stays on the bus. */
export type DeadLetterLimits = {
  readonly letters: number;
  /** As Redis estimates it. */
  readonly bytes: number;
};

/** A filter on the bus reads what is there: this much is read in moments. */
export const DEAD_LETTER_LIMITS: DeadLetterLimits = { letters: 10_000, bytes: 64 * 1024 ** 2 };

type Bus = { readonly redis: Redis; readonly keys: BusKeys };

const REMOVE = loadScript('archive.lua');
/** Letters hold whole events: few at a time. */
const CHUNK = 100;

/**
 * Moves the oldest dead letters to the archive until the limits hold. Each is in at least one of both places all the time; several
 * processes may do so at once.
 *
 * @returns how many were moved
 */
export async function archiveDeadLetters(
  { redis, keys }: Bus,
  archive: DeadLetterArchive,
  limits: DeadLetterLimits,
): Promise<number> {
  let moved = 0;
  for (;;) {
    const count = await redis.xlen(keys.dead);
    const isTooLarge = ((await redis.memory('USAGE', keys.dead)) ?? 0) > limits.bytes;
    const excess = isTooLarge ? Math.max(count - limits.letters, CHUNK) : count - limits.letters;
    if (count === 0 || excess <= 0) return moved;
    const most = Math.min(excess, CHUNK);
    const letters = await readLetters({ redis, keys }, 'XRANGE', '-', '+', most);
    await archive.put(letters.map(({ letter }) => letter));
    const groups = [...new Set(letters.map(({ letter }) => letter.group))];
    const removed = await REMOVE(
      redis,
      [keys.dead, keys.deadMarks, keys.deadArchive, ...groups.map(keys.deadByPosition)],
      letters.flatMap(({ letter, mark }) => [
        letter.id,
        Number.isSafeInteger(letter.n) ? letter.n : '',
        mark ?? '',
        groups.indexOf(letter.group) + 1,
      ]),
    );
    moved += Number(removed);
    if (Number(removed) === 0) return moved; // another process is at it
  }
}

/** Counts what the archive holds, where Redis may have lost count of it. */
export async function recountArchive(
  { redis, keys }: Bus,
  archive: DeadLetterArchive,
): Promise<void> {
  await redis.hset(keys.deadArchive, { ...(await archive.summary()) });
}
