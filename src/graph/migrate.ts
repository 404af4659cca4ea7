import { ExponentialBackoff, fullJitterGenerator, handleWhen, retry } from 'cockatiel';
import { StemmaError } from '../errors.ts';
import { classifyFailure } from './classify.ts';
import { neo4jCode, type Graph } from './driver.ts';
import { parseStatement, type Statement, type Statements } from './statement.ts';

const SCHEMA = 'schema/';
const LOCK_LIMIT_MS = 60_000;

/**
 * Processes that start at the same moment take the same schema locks: one of them is told to try again, or that what `IF NOT
 * EXISTS` did not see yet is there by now.
 */
const racing = retry(
  handleWhen(
    (error) => classifyFailure(error) === 'conflict' || neo4jCode(error).endsWith('AlreadyExists'),
  ),
  {
    maxAttempts: 20,
    backoff: new ExponentialBackoff({
      generator: fullJitterGenerator,
      initialDelay: 50,
      maxDelay: 2_000,
    }),
  },
);

/**
 * Applies the numbered files of `cypher/schema` that the graph does not have yet, in order, and then verifies that every
 * constraint and index they name is there and online. Every command is `IF NOT EXISTS`, so that two processes may start at once.
 *
 * @throws StemmaError SCHEMA_MISSING naming what is missing
 */
export async function migrate(graph: Graph, statements: Statements): Promise<void> {
  const applied = statements.get('lookup/migrations');
  const record = statements.get('write/log/migration');
  const done = new Set((await graph.read(applied, {})).map((row) => String(row.get('key'))));
  const files = statements.names.filter((name) => name.startsWith(SCHEMA)).sort();
  for (const name of files) {
    if (done.has(name)) continue;
    for (const command of commandsOf(statements.get(name))) {
      await racing.execute(() => graph.execute(command, {}));
    }
    await racing.execute(() => graph.write(name, (run) => run(record, { key: name })));
  }
  await verifySchema(graph, statements, files);
}

async function verifySchema(
  graph: Graph,
  statements: Statements,
  files: readonly string[],
): Promise<void> {
  const wanted = files.flatMap((name) =>
    [
      ...statements
        .get(name)
        .text.matchAll(/CREATE (?:CONSTRAINT|(?:FULLTEXT |TEXT |RANGE )?INDEX) (\w+)/g),
    ].map((match) => match[1] ?? ''),
  );
  const limit = { timeoutMs: LOCK_LIMIT_MS * 2 }; // the statement itself waits for the first half of it at most
  const seconds = LOCK_LIMIT_MS / 1_000;
  await graph.execute(statements.get('lookup/await-indexes'), { seconds }, limit);
  const online = new Set(
    (await graph.execute(statements.get('lookup/indexes'), {}, limit))
      .filter((row) => row.get('state') === 'ONLINE')
      .map((row) => String(row.get('name'))),
  );
  const missing = wanted.filter((name) => !online.has(name));
  if (missing.length === 0) return;
  throw new StemmaError(
    'SCHEMA_MISSING',
    `The graph lacks the constraints or indexes ${missing.join(', ')}: writing without them would make duplicates. Look at SHOW INDEXES in Neo4j, remove what failed, and start again.`,
    { details: { missing } },
  );
}

/** A schema file may hold several commands, each ended by a semicolon. */
function commandsOf(file: Statement): Statement[] {
  return file.text
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text, at) =>
      parseStatement(`${file.name}#${at + 1}`, `// params: -\n// returns: -\n${text}`),
    );
}
