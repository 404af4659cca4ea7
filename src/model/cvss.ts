import cvss from 'ae-cvss-calculator';

/**
 * The base score of a CVSS vector of version 2.0, 3.0, 3.1 or 4.0, 0 to 10; null where it is not one, or leaves a base metric out.
 *
 * @example baseScore('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H') === 10
 * @see https://www.first.org/cvss/
 */
export function baseScore(vector: string): number | null {
  const parsed = readVector(vector);
  if (parsed?.isBaseFullyDefined() !== true) return null;
  const { baseMetricsOnly, base } = parsed.calculateScores();
  const score = baseMetricsOnly ?? base;
  return score === undefined || !Number.isFinite(score) ? null : score;
}

/** The parts of the library's vectors that are used; it types what it returns as anything. */
type Vector = {
  isBaseFullyDefined(): boolean;
  calculateScores(): { readonly base?: number; readonly baseMetricsOnly?: number };
};

function readVector(text: string): Vector | null {
  try {
    return (cvss.fromVector(text.trim()) as Vector | undefined) ?? null;
  } catch {
    return null; // it throws at some texts that are not vectors
  }
}
