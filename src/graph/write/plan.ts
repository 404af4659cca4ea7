import type { Parameters } from '../driver.ts';
import { IMPLIED } from '../../model/implied.ts';
import type { Statement, Statements } from '../statement.ts';
import type { EdgeEndingRow, Rows } from './rows.ts';
import type { Step } from './steps.ts';

/** Whether edges of a claim may be in the graph: they are looked for then. */
export type IsKnown = (claim: string) => boolean;

/**
 * Everything that rows say, as statements in a fixed order: every writer takes its locks in the same one.
 *
 * @param lockedEvents identities of events of which single edges end
 */
export function planRows(
  rows: Rows,
  {
    statements,
    isKnown,
    lockedEvents,
  }: {
    readonly statements: Statements;
    readonly isKnown: IsKnown;
    readonly lockedEvents: readonly string[] | null;
  },
): Step[] {
  const steps: Step[] = [];
  const add = (statement: Statement, parameters: Parameters): void => {
    steps.push({ statement, parameters });
  };
  if (lockedEvents !== null) add(statements.get('write/log/lock-events'), { keys: lockedEvents });
  for (const label of [...rows.nodes.keys()].sort()) {
    add(statements.get('write/node', label), { rows: rows.nodes.get(label) });
  }
  for (const name of [...rows.edges.keys()].sort()) {
    const { implied, known, unknown } = Object.groupBy(rows.edges.get(name) ?? [], ({ c }) =>
      c === IMPLIED ? 'implied' : isKnown(c) ? 'known' : 'unknown',
    );
    if (implied !== undefined) add(statements.get('write/implied-edge', name), { rows: implied });
    if (known !== undefined) add(statements.get('write/edge', name), { rows: known });
    if (unknown !== undefined) add(statements.get('write/new-edge', name), { rows: unknown });
  }
  steps.push(...planEndings(rows.edgeEndings, statements));
  for (const [label, endings] of rows.nodeEndings) {
    add(statements.get('write/end-node', label), { rows: endings });
  }
  if (rows.withdrawals.length > 0) {
    add(statements.get('write/log/withdraw'), { rows: rows.withdrawals });
  }
  return steps;
}

export function planEndings(
  endings: ReadonlyMap<string, EdgeEndingRow[]>,
  statements: Statements,
): Step[] {
  return [...endings.keys()].sort().map((name) => ({
    statement: statements.get('write/end-edge', name),
    parameters: { rows: endings.get(name) },
  }));
}
