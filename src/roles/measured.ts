import type { GroupOptions } from '../bus/group/group.ts';
import { stopwatch, type Metrics } from '../metrics/metrics.ts';

/** The same, with what becomes of each batch counted. */
export function measuredBatches(
  group: string,
  metrics: Pick<Metrics, 'settled'> | undefined,
  process: GroupOptions['process'],
): GroupOptions['process'] {
  if (metrics === undefined) return process;
  return async (...batch) => {
    const seconds = stopwatch();
    const settled = await process(...batch);
    metrics.settled(
      group,
      settled.map(({ kind }) => kind),
      seconds(),
    );
    return settled;
  };
}
