import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assertedBy, decodeEntry } from '../../../src/apply/decode.ts';
import { applyDocuments } from '../../../src/apply/documents.ts';
import { applyRevisions } from '../../../src/apply/revisions.ts';
import { createGraph, type Graph } from '../../../src/graph/driver.ts';
import { migrate } from '../../../src/graph/migrate.ts';
import { loadStatements, parseStatement } from '../../../src/graph/statement.ts';
import { createWriter, type LoggedEvent } from '../../../src/graph/write/writer.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { borrowNeo4j, type BorrowedNeo4j } from '../../support/neo4j-pool.ts';

export const statements = loadStatements();

export type OwnGraph = {
  readonly server: BorrowedNeo4j;
  readonly graph: Graph;
  stop(): Promise<void>;
};

/** A Neo4j of the test's own: what it does, such as a digest or a wipe, concerns the whole database. */
export async function startGraph(): Promise<OwnGraph> {
  const server = await borrowNeo4j();
  const graph = createGraph(server);
  return {
    ...{ server, graph },
    async stop() {
      await graph.close();
      await server.stop();
    },
  };
}

/** Runs any Cypher: what somebody might do by hand. */
export async function edit(graph: Graph, text: string): Promise<void> {
  await graph.execute(parseStatement('test', `// params: -\n// returns: -\n${text}`), {});
}

/** How many nodes `n` there are of which a condition holds. */
export async function countOf(graph: Graph, condition: string): Promise<number> {
  const text = `// params: -\n// returns: count\nMATCH (n) WHERE ${condition} RETURN count(n) AS count`;
  const [row] = await graph.read(parseStatement('test', text), {});
  return Number(row?.get('count'));
}

/** Empties the database but for its schema. */
export async function wipe(graph: Graph): Promise<void> {
  await edit(graph, 'MATCH (n) WHERE NOT n:Migration DETACH DELETE n');
  await migrate(graph, statements);
}

export function logged(n: number, envelope: Envelope, acceptedAt: number): LoggedEvent {
  return decodeEntry({ n, acceptedAt, text: JSON.stringify(envelope), contentHash: null });
}

/** Applies a batch like the graph role, without a bus. */
export async function applyBatch(graph: Graph, events: readonly LoggedEvent[]): Promise<void> {
  const writer = createWriter({ graph, statements, assertedBy });
  const first = new Map<string, LoggedEvent>();
  for (const event of events) if (!first.has(event.identity)) first.set(event.identity, event);
  const unique = [...first.values()];
  await writer.write(unique);
  const said = await applyDocuments(writer, unique, () => undefined);
  await applyRevisions(writer, [...unique, ...said]);
}

export type Recorded = { readonly n: number; readonly acceptedAt: number; readonly body: string };

export function corpus(version: string): { entries: Recorded[]; expected: RecordedDigests } {
  const path = (name: string) =>
    fileURLToPath(new URL(`../../fixtures/corpus/${version}/${name}`, import.meta.url));
  return {
    entries: readFileSync(path('log.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Recorded),
    expected: JSON.parse(readFileSync(path('expected.json'), 'utf8')) as RecordedDigests,
  };
}

type Recording = { readonly digest: string; readonly parts: Record<string, unknown> };
export type RecordedDigests = {
  readonly events: number;
  readonly content: Recording;
  readonly full: Recording;
};
