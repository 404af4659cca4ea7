import { readFileSync } from 'node:fs';
import { readSettings } from '../environment.ts';
import { messageOf, StemmaError } from '../errors.ts';
import { createGraph, type Graph } from '../graph/driver.ts';
import { loadStatements, type Statements } from '../graph/statement.ts';
import type { ReplayProgress } from '../replay/replay.ts';
import { readRunning } from '../servers/running.ts';
import { usage } from './exit.ts';
import type { CliIo } from './io.ts';

export type Database = { readonly graph: Graph; readonly statements: Statements };

/**
 * Works on the graph database itself: NEO4J_URI, else the one of the service that runs with this STEMMA_HOME.
 *
 * @throws StemmaError SERVER_UNAVAILABLE, DEPENDENCY_UNAVAILABLE
 */
export async function withDatabase<T>(
  io: CliIo,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { home, NEO4J_URI, NEO4J_USER, NEO4J_PASSWORD } = readSettings(io.env);
  const running = NEO4J_URI === undefined ? readRunning(home) : null;
  const uri = NEO4J_URI ?? running?.neo4jUri;
  if (uri === undefined) {
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      `No graph database is known: no service runs with ${home}. Start it with npm start, or set NEO4J_URI.`,
    );
  }
  const user = running?.neo4jUser ?? NEO4J_USER;
  const password = running?.neo4jPassword ?? NEO4J_PASSWORD;
  return withGraph({ uri, user, password }, (graph) =>
    work({ graph, statements: loadStatements() }),
  );
}

/** A connection that is closed in any case. */
export async function withGraph<T>(
  address: { readonly uri: string; readonly user: string; readonly password: string },
  work: (graph: Graph) => Promise<T>,
): Promise<T> {
  let graph: Graph;
  try {
    graph = createGraph(address);
  } catch (error) {
    throw usage(`'${address.uri}' is not an address of a Neo4j database: ${messageOf(error)}`);
  }
  try {
    await graph.ping();
    return await work(graph);
  } finally {
    await graph.close();
  }
}

/** The password in a file, without the end of its line. */
export function readPassword(file: string | undefined): string {
  if (file === undefined) return '';
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw usage(`The password file cannot be read: ${messageOf(error)}.`);
  }
}

/** Shows a progress line on a terminal, and elsewhere one line for every ten seconds. */
export function showProgress(io: CliIo, now: () => number = Date.now) {
  let shownAt = now();
  return ({ done, total, perSecond, remainingMs }: ReplayProgress): void => {
    const left = remainingMs === null ? '' : `, ${durationOf(remainingMs)} left`;
    const line = `${done} of ${total} events, ${Math.round(perSecond)}/s${left}`;
    io.progress(line);
    if (io.isTerminal || now() - shownAt < 10_000) return;
    shownAt = now();
    io.err(line);
  };
}

function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** `a,b` as a list; null where it was not given. */
export function listOf(text: string | undefined): readonly string[] | null {
  return text === undefined ? null : text.split(',').map((part) => part.trim());
}
