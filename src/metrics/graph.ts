import { neo4jCode, type Graph } from '../graph/driver.ts';
import type { Query } from '../graph/statement.ts';
import { stopwatch, type Metrics } from './metrics.ts';

/** The same graph; how long each of its statements takes is counted. */
export function measuredGraph(graph: Graph, metrics: Pick<Metrics, 'asked' | 'deadlocked'>): Graph {
  async function timed<T>({ file }: Query, run: () => Promise<T>): Promise<T> {
    const seconds = stopwatch();
    let failed = true;
    try {
      const result = await run();
      failed = false;
      return result;
    } finally {
      metrics.asked(file ?? null, failed, seconds());
    }
  }

  return {
    ...graph,
    read: async (statement, ...rest) =>
      timed(statement, async () => graph.read(statement, ...rest)),
    async *stream(statement, ...rest) {
      const seconds = stopwatch();
      let failed = true;
      try {
        yield* graph.stream(statement, ...rest);
        failed = false;
      } finally {
        metrics.asked(statement.file ?? null, failed, seconds());
      }
    },
    async write(name, work, options) {
      try {
        return await graph.write(
          name,
          async (run) =>
            work(async (statement, parameters) =>
              timed(statement, async () => run(statement, parameters)),
            ),
          options,
        );
      } catch (error) {
        if (neo4jCode(error).includes('DeadlockDetected')) metrics.deadlocked();
        throw error;
      }
    },
    execute: async (statement, ...rest) =>
      timed(statement, async () => graph.execute(statement, ...rest)),
  };
}
