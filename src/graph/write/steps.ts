import type { Record as Row } from 'neo4j-driver';
import type { Parameters, Write } from '../driver.ts';
import type { Statement } from '../statement.ts';

export type Step = { readonly statement: Statement; readonly parameters: Parameters };

/** Sends every statement before the first answer is awaited: one round trip instead of one for each. */
export async function runAll(run: Write, steps: readonly Step[]): Promise<Row[][]> {
  const results = await Promise.allSettled(
    steps.map(({ statement, parameters }) => run(statement, parameters)),
  );
  return results.map((result) => {
    // those behind the first that failed only say that the transaction is over
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
