import {
  discardDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
  type DeadLettersOfReceipts,
} from '../bus/letters/dead-letters.ts';
import type { DeadLetterStore } from '../model/dead-letters.ts';

/** @param floor the greatest log number that is known to exist by now */
export function createDeadLetterStore(
  bus: DeadLettersOfReceipts,
  floor: () => number,
  now: () => number,
): DeadLetterStore {
  return {
    list: async (query, page) => listDeadLetters(bus, query, page),
    show: async (id) => showDeadLetter(bus, id),
    replay: async (ids) => replayDeadLetters(bus, ids, { now: now(), floor: floor() }),
    discard: async (ids, reason) => discardDeadLetters(bus, ids, { reason, now: now() }),
  };
}
