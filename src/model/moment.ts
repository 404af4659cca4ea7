/**
 * The two times of a question (design section 4): what was so at `valid`, as far as was known at `known`. Every statement that
 * looks at claims takes both as parameters and asks
 *
 *     r.knownFrom <= $known AND r.validFrom <= $valid
 *       AND none(i IN range(0, size(coalesce(r.endValid, [])) - 1) WHERE r.endKnown[i] <= $known AND r.endValid[i] <= $valid)
 */
export type Moment = {
  /** ms since the epoch. */
  readonly valid: number;
  /** Log number. */
  readonly known: number;
};

/** What holds now, and everything that is known: later than every stated time. */
export const NOW: Moment = { valid: 8_640_000_000_000_000, known: Number.MAX_SAFE_INTEGER };
