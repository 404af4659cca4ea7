import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { EDGE_TYPES } from '../model/edge.ts';
import { NODE_LABELS } from '../model/node.ts';
import type { Differences } from './differences.ts';
import { edgeId, type Folded, type FoldedEdge, type Properties } from './fold.ts';

const TIMEOUT_MS = 3_600_000;

export type CompareOptions = {
  readonly graph: Pick<Graph, 'stream'>;
  readonly statements: Statements;
  readonly folded: Folded;
  /** The part of the graph that was folded. */
  readonly owns: (id: string) => boolean;
  readonly differences: Differences;
  readonly signal?: AbortSignal;
};

/** Streams the graph past what the log says; what is left over at the end is missing in the graph. */
export async function compareWithGraph(options: CompareOptions): Promise<void> {
  await compareNodes(options);
  await compareEdges(options);
  await compareWithdrawals(options);
}

async function compareNodes(options: CompareOptions): Promise<void> {
  const { folded, owns, differences } = options;
  const left = new Map(folded.nodes);
  for (const label of NODE_LABELS) {
    for await (const row of rowsOf(options, 'digest/node', label)) {
      const found = row.get('properties') as Properties; // shape of the statement
      const key = textOf(found['key']);
      const id = `${label}:${key}`;
      if (!owns(id)) continue;
      const of = { what: 'node', label, key, claim: null } as const;
      const expected = left.get(id);
      if (expected === undefined) differences.add({ ...of, kind: 'unexpected', properties: [] });
      else differences.compare(of, expected.properties, found);
      left.delete(id);
    }
  }
  for (const { label, properties } of left.values()) {
    const key = textOf(properties['key']);
    differences.add({ what: 'node', label, key, claim: null, kind: 'missing', properties: [] });
  }
}

async function compareEdges(options: CompareOptions): Promise<void> {
  const { folded, owns, differences } = options;
  const left = new Map<string, FoldedEdge>(folded.edges);
  for (const type of EDGE_TYPES) {
    for await (const row of rowsOf(options, 'digest/edge', type)) {
      const found = row.get('properties') as Properties; // shape of the statement
      const from = textOf(row.get('from'));
      const to = textOf(row.get('to'));
      const claim = textOf(found['claim']);
      const id = edgeId(from, type, to, claim);
      if (!owns(id)) continue;
      const of = { what: 'edge', label: type, key: `${from} -> ${to}`, claim } as const;
      const expected = left.get(id);
      // a copy of an edge, too, is one too many
      if (expected === undefined) differences.add({ ...of, kind: 'unexpected', properties: [] });
      else differences.compare(of, expected.properties, found);
      left.delete(id);
    }
  }
  for (const { from, type, to, properties } of left.values()) {
    differences.add({
      ...{ what: 'edge', kind: 'missing', label: type, key: `${from} -> ${to}` },
      ...{ claim: textOf(properties['claim']), properties: [] },
    });
  }
}

async function compareWithdrawals(options: CompareOptions): Promise<void> {
  const { folded, owns, differences } = options;
  const left = new Map(folded.withdrawals);
  for await (const row of rowsOf(options, 'replay/withdrawals')) {
    const found: Record<string, unknown> = { ...(row.get('properties') as Properties) }; // shape of the statement
    delete found['asserted']; // only says that a lock was taken
    const key = textOf(found['key']);
    if (!owns(`Withdrawal:${key}`)) continue;
    const of = { what: 'withdrawal', label: 'Withdrawal', key, claim: key } as const;
    const expected = left.get(key);
    if (expected === undefined) differences.add({ ...of, kind: 'unexpected', properties: [] });
    else differences.compare(of, expected, found);
    left.delete(key);
  }
  for (const key of left.keys()) {
    const of = { what: 'withdrawal', label: 'Withdrawal', key, claim: key } as const;
    differences.add({ ...of, kind: 'missing', properties: [] });
  }
}

async function* rowsOf(
  { graph, statements, signal }: CompareOptions,
  ...name: Parameters<Statements['get']>
) {
  const statement = statements.get(...name);
  for await (const row of graph.stream(statement, {}, { timeoutMs: TIMEOUT_MS })) {
    signal?.throwIfAborted();
    yield row;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
