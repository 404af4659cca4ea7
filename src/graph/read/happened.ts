import { int, type Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

/** The end of a build, or what became of a deployment. */
export type Happening = {
  readonly n: number;
  readonly type: string;
  /** When, ms. */
  readonly at: number;
  /** Of a build; null of a deployment. */
  readonly outcome: string | null;
  /** Of a deployment: its name. */
  readonly environment: string | null;
  /** Of the newest commit in a deployment, ms; null where none is known, or where it was no change. */
  readonly committedAt: number | null;
};

/** Of the log behind `after` up to `until`, in its order, at most `limit`. */
export async function readHappenings(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  asked: {
    readonly types: readonly string[];
    readonly after: number;
    readonly until: number;
    readonly limit: number;
  },
): Promise<Happening[]> {
  const { types, after, until, limit } = asked;
  const rows = await graph.read(statements.get('lookup/happened'), {
    ...{ types, after: int(after), until: int(until), limit: int(limit) },
  });
  return rows.map((row) => row.toObject() as Happening); // the columns of the statement
}
