import { int, type Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import type { LoggedEvent } from '../graph/write/writer.ts';
import { EDGE_TYPES } from '../model/edge.ts';
import { NODE_LABELS } from '../model/node.ts';
import type { Differences } from './differences.ts';
import type { LogRecord } from './log.ts';

/** Labels that Stemma keeps for itself, beside those of provenance. */
const INTERNAL_LABELS = [
  'Event',
  'Withdrawal',
  'Migration',
  'Replay',
  'Rules',
  'DeadLetter',
  'GateState',
  'AutomationProgress',
];
const LIMIT = 10_000;
const TIMEOUT_MS = 3_600_000;

/** Compares a log entry with what its own body says. */
export function checkEvent(
  record: LogRecord,
  event: LoggedEvent | null,
  differences: Differences,
): void {
  const of = { what: 'event', label: 'Event', key: record.key, claim: null } as const;
  if (event === null) {
    differences.add({ ...of, kind: 'unreadable', properties: [] });
    return;
  }
  differences.compare(
    of,
    { key: event.identity, ...storedProperties(event.properties) },
    record.properties,
  );
}

/** Finds what no comparison by label and log number would meet. */
export async function checkStrangers(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  differences: Differences,
): Promise<void> {
  const ask = (name: string, parameters: Readonly<Record<string, unknown>>) =>
    graph.read(
      statements.get(name),
      { ...parameters, limit: int(LIMIT) },
      { timeoutMs: TIMEOUT_MS },
    );
  const unexpected = (what: 'node' | 'edge' | 'event', label: string, key: unknown): void => {
    differences.add({
      ...{ what, label, key: typeof key === 'string' ? key : '' },
      ...{ kind: 'unexpected', claim: null, properties: [] },
    });
  };
  for (const row of await ask('replay/unnumbered', {})) {
    unexpected('event', 'Event', row.get('key'));
  }
  for (const row of await ask('replay/strange-nodes', {
    labels: [...NODE_LABELS, ...INTERNAL_LABELS],
  })) {
    unexpected('node', (row.get('labels') as string[]).join(':'), row.get('key'));
  }
  for (const row of await ask('replay/strange-edges', { types: EDGE_TYPES })) {
    unexpected(
      'edge',
      String(row.get('type')),
      `${String(row.get('from'))} -> ${String(row.get('to'))}`,
    );
  }
}

/** As they come back from Neo4j: without what is null, and integers as numbers. */
export function storedProperties(
  properties: LoggedEvent['properties'],
): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (value !== null) found[name] = typeof value === 'bigint' ? Number(value) : value;
  }
  return found;
}
