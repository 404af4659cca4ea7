import { existsSync, rmSync } from 'node:fs';
import { readSettings } from '../environment.ts';
import { StemmaError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import { readRules } from '../graph/rules.ts';
import { loadStatements, type Statements } from '../graph/statement.ts';
import { RULES_VERSION } from '../model/rules.ts';
import { compareDigests, type DigestComparison } from '../replay/compare-digests.ts';
import { rebuild, type RebuildResult } from '../replay/rebuild.ts';
import { finishSwitch, graphDirs, switchGraphs } from '../servers/graph-dirs.ts';
import { startLocalGraph, type LocalGraph } from '../servers/local-graph.ts';
import { lockHome, readRunning } from '../servers/running.ts';
import { SERVERS_DIR } from '../servers/servers-dir.ts';
import { SILENT } from '../telemetry.ts';
import { showProgress, withGraph } from './database.ts';
import { usage } from './exit.ts';
import type { CliIo } from './io.ts';

/** What became of a rebuild, and of the graph that it was made for. */
export type RebuildOutcome = {
  readonly result: RebuildResult;
  readonly comparison: DigestComparison | null;
  /** Where the events were applied, for people. */
  readonly place: string;
  /** Whether the new graph serves from now on; null where that is not for this command to do. */
  readonly switched: boolean | null;
};

type Asked = { readonly io: CliIo; readonly verify: boolean };

/**
 * Builds the graph of a home anew in a directory beside it. Where a service runs on the home, its graph is only read; where none
 * does, what is still missing is added and the new graph takes the place of the old one.
 *
 * @throws StemmaError BAD_USER_INPUT where the graph does not lie in the home; SERVER_UNAVAILABLE where there is none
 */
export async function rebuildHome({ io, verify }: Asked): Promise<RebuildOutcome> {
  const settings = readSettings(io.env);
  const { home } = settings;
  if (settings.NEO4J_URI !== undefined) throw elsewhere('NEO4J_URI names the database');
  const running = readRunning(home);
  const asked = { io, verify };
  const signal = io.interrupted();
  if (running !== null) {
    const { neo4jUri: uri, neo4jUser = 'neo4j', neo4jPassword = '' } = running;
    if (running.neo4jIsLocal !== true || uri === undefined) {
      throw elsewhere('the graph of the service that runs here does not lie in its home');
    }
    const address = { uri, user: neo4jUser, password: neo4jPassword };
    return withGraph(address, async (source) => {
      const done = await transferToNext(source, home, asked, signal);
      return { ...done, place: graphDirs(home).next, switched: false };
    });
  }
  const lock = lockHome(home, () => new Date());
  try {
    finishSwitch(home);
    const { current, next } = graphDirs(home);
    if (!existsSync(current)) {
      throw new StemmaError(
        'SERVER_UNAVAILABLE',
        `There is no graph in ${home}: set STEMMA_HOME to the home of the service, or name the databases with NEO4J_URI and --into.`,
      );
    }
    const done = await withLocal(home, current, io, signal, (source) =>
      transferToNext(source, home, asked, signal),
    );
    const isComplete = done.result.skipped === 0 && done.result.late === 0;
    if (isComplete) switchGraphs(home);
    return { ...done, place: isComplete ? current : next, switched: isComplete };
  } finally {
    lock.release();
  }
}

type Transfer = {
  readonly source: Graph;
  readonly target: Graph;
  readonly statements: Statements;
  readonly signal: AbortSignal;
};

/** Applies the log of one graph to another and, where that is asked for, compares both. */
export async function transferLog(
  transfer: Transfer,
  { io, verify }: Asked,
): Promise<{ readonly result: RebuildResult; readonly comparison: DigestComparison | null }> {
  const { source, target, statements } = transfer;
  const result = await rebuild({
    ...transfer,
    ...{ onProgress: showProgress(io), now: Date.now, log: SILENT },
  });
  io.progress('');
  if (!verify) return { result, comparison: null };
  io.progress('comparing the digests');
  const comparison = await compareDigests(source, target, statements);
  io.progress('');
  return { result, comparison };
}

async function transferToNext(source: Graph, home: string, asked: Asked, signal: AbortSignal) {
  const { next } = graphDirs(home);
  const statements = loadStatements();
  const attempt = () =>
    withLocal(home, next, asked.io, signal, async (target) => {
      const rules = await readRules(target, statements);
      if (rules !== null && rules !== RULES_VERSION) return null;
      return transferLog({ source, target, statements, signal }, asked);
    });
  const done = await attempt();
  if (done !== null) return done;
  asked.io.err('An interrupted rebuild was begun under other rules: beginning again.');
  rmSync(next, { recursive: true, force: true });
  const again = await attempt();
  if (again === null) throw new Error('a new graph has other rules than the program');
  return again;
}

/** Runs Neo4j on a directory of the home for as long as the work takes. */
async function withLocal<T>(
  home: string,
  dataDir: string,
  io: CliIo,
  signal: AbortSignal,
  work: (graph: Graph) => Promise<T>,
): Promise<T> {
  const local: LocalGraph = await startLocalGraph({
    ...{ home, dataDir, signal, environment: io.env, serversDir: SERVERS_DIR },
  });
  try {
    return await withGraph(local.address, work);
  } finally {
    await local.server.stop();
  }
}

function elsewhere(why: string) {
  return usage(
    `${why.charAt(0).toUpperCase()}${why.slice(1)}: name an empty one to build in with --into.`,
  );
}
