import type { Consumer, ConsumerState } from './member.ts';

/** Several consumers that begin and end together. */
export function combineConsumers(consumers: readonly Consumer[]): Consumer {
  const stop = async (graceMs?: number): Promise<void> => {
    await Promise.all(consumers.map((consumer) => consumer.stop(graceMs)));
  };
  return {
    state: () => {
      const states = consumers.map((consumer) => consumer.state());
      const first = (phase: ConsumerState['phase']): ConsumerState | undefined =>
        states.find((state) => state.phase === phase);
      return (
        first('failed') ?? first('draining') ?? first('idle') ?? states[0] ?? { phase: 'idle' }
      );
    },
    counts: () => {
      const sum = { applied: 0, duplicate: 0, dead: 0, redelivered: 0 };
      for (const counts of consumers.map((consumer) => consumer.counts())) {
        sum.applied += counts.applied;
        sum.duplicate += counts.duplicate;
        sum.dead += counts.dead;
        sum.redelivered += counts.redelivered;
      }
      return sum;
    },
    async start() {
      try {
        for (const consumer of consumers) await consumer.start();
      } catch (error) {
        await stop(0);
        throw error;
      }
    },
    failed: Promise.race(consumers.map((consumer) => consumer.failed)),
    stop,
  };
}
