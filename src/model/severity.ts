/** From nothing to worst; what nobody rates may be anything, and stands before what is known to be low. */
export const SEVERITIES = ['none', 'low', 'unknown', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * The worst of what several sources say of one vulnerability: a word, or a score where there is no word.
 *
 * @param ratings each with `severity` (a word) and `score` (0 to 10, as CVSS has them), where they are stated
 */
export function worstOf(ratings: readonly Readonly<Record<string, unknown>>[]): {
  readonly severity: Severity;
  readonly score: number | null;
} {
  const scores = ratings.flatMap(({ score }) => (typeof score === 'number' ? [score] : []));
  const words = ratings.map(({ severity, score }) => wordOf(severity) ?? ratingOf(score));
  const known = words.filter((word) => word !== 'unknown');
  const ranks = known.map(rankOf);
  return {
    severity: SEVERITIES[Math.max(...ranks)] ?? 'unknown',
    score: scores.length === 0 ? null : Math.max(...scores),
  };
}

/** Its place in the order, from 0. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

function wordOf(text: unknown): Severity | null {
  const word = SEVERITIES.find((known) => known === text) ?? null;
  return word === 'unknown' ? null : word;
}

/** @see CVSS v3.1 section 5 and v4.0 section 6, Qualitative Severity Rating Scale */
export function ratingOf(score: unknown): Severity {
  if (typeof score !== 'number') return 'unknown';
  if (score === 0) return 'none';
  if (score < 4) return 'low';
  if (score < 7) return 'medium';
  return score < 9 ? 'high' : 'critical';
}
