/**
 * Depths to which lineage statements exist. The bound of a variable-length pattern cannot be a parameter, so there is a statement
 * for each of these.
 */
export const BOUNDS = [1, 2, 3, 5, 10, 20, 50, 100, 1_000, 100_000] as const;

export const MAX_DEPTH = 100_000;

/** The smallest bound that reaches as deep as is asked; what lies beneath the asked depth is filtered. */
export function boundFor(maxDepth: number): number {
  return BOUNDS.find((bound) => bound >= maxDepth) ?? MAX_DEPTH;
}
