import type { Execute } from './execute.ts';

/** What is counted of operations: src/metrics. */
export type GraphqlMetrics = {
  operated(operation: {
    readonly name: string | null;
    readonly type: string;
    readonly failed: boolean;
    readonly seconds: number;
  }): void;
  cost(name: string | null, points: number): void;
};

/** The same, counted. */
export function measured(run: Execute, metrics: GraphqlMetrics | undefined): Execute {
  if (metrics === undefined) return run;
  return async (checked) => {
    const start = performance.now();
    let failed = true;
    try {
      const result = await run(checked);
      failed = (result.errors?.length ?? 0) > 0;
      return result;
    } finally {
      const { name, operation: type } = checked.operation;
      const seconds = (performance.now() - start) / 1_000;
      metrics.operated({ name: name?.value ?? null, type, failed, seconds });
    }
  };
}
