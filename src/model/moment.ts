/**
 * The two times of a question (design section 4): what was so at `valid`, as far as was known at `known`. Statements that look at
 * claims take both as parameters and ask `held`; those about now ask `holdsNow` (cypher/partials).
 */
export type Moment = {
  /** ms since the epoch. */
  readonly valid: number;
  /** Log number. */
  readonly known: number;
};

/** What holds now, and everything that is known: later than every stated time. */
export const NOW: Moment = { valid: 8_640_000_000_000_000, known: Number.MAX_SAFE_INTEGER };

/** Whether nothing that was ever stated comes later. */
export function isNow({ valid, known }: Moment): boolean {
  return valid === NOW.valid && known === NOW.known;
}
