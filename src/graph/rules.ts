import { RULES_VERSION } from '../model/rules.ts';
import type { Graph } from './driver.ts';
import type { Statements } from './statement.ts';

/**
 * The rules under which the oldest part of the graph was written. An empty graph is noted as written under those of this program,
 * and keeps that note when a later program goes on in it: what is there already does not change by itself.
 */
export async function ensureRules(graph: Graph, statements: Statements): Promise<number> {
  const note = statements.get('write/log/rules');
  const rows = await graph.write('write/log/rules', (run) => run(note, { version: RULES_VERSION }));
  return Number(rows[0]?.get('version'));
}

/** The same without writing anything; null for an empty graph. */
export async function readRules(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): Promise<number | null> {
  const [row] = await graph.read(statements.get('lookup/rules'), {});
  const version: unknown = row?.get('version') ?? null;
  return version === null ? null : Number(version);
}
