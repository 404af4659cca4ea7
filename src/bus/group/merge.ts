import type { Entry } from '../log/entry.ts';

/** By stream: entries that were read and not yet handed on, in the order of the stream, which is that of their log numbers. */
export type Waiting = Map<string, Entry[]>;

/**
 * Takes what may be handed on in the order of log numbers: everything below the first number that might still come.
 *
 * @param readAll streams that had nothing more than what waits, when they were read after `counter`
 * @param counter the greatest log number that was given out before they were read
 * @returns entries by ascending log number; what has none comes first
 */
export function takeInOrder(
  waiting: Waiting,
  readAll: ReadonlySet<string>,
  counter: number,
): Entry[] {
  let through = counter;
  for (const [stream, entries] of waiting) {
    const last = entries.findLast(hasNumber);
    if (!readAll.has(stream) && last !== undefined) through = Math.min(through, last.n);
  }
  const taken: Entry[] = [];
  for (const [stream, entries] of waiting) {
    const first = entries.findIndex((entry) => hasNumber(entry) && entry.n > through);
    taken.push(...entries.splice(0, first === -1 ? entries.length : first));
    waiting.set(stream, entries);
  }
  return taken.sort((x, y) => numberOf(x) - numberOf(y));
}

function hasNumber(entry: Entry): boolean {
  return Number.isSafeInteger(entry.n);
}

function numberOf(entry: Entry): number {
  return hasNumber(entry) ? entry.n : 0;
}
